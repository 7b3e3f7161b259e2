/** What is said of the sample's examples: flags, tags, and which are left out. */
import type { Example } from '../../src-shared/records/example'
import type { ExampleMark } from '../../src-shared/records/example-marks'
import type { Part } from './sample-answers'

type Said = Pick<ExampleMark, 'isExcluded' | 'tags'>

export function sampleMarks() {
  const flagged = new Set<number>([3, 8])
  const marked = new Map<number, Said>([
    [2, { isExcluded: true }],
    [5, { tags: ['too long', 'polite'] }],
  ])
  const calls: Pick<Part<'datasets'>['calls'], 'datasets.flag' | 'datasets.mark'> = {
    'datasets.flag': ({ exampleId, isFlagged }) =>
      void (isFlagged ? flagged.add(exampleId) : flagged.delete(exampleId)),
    'datasets.mark': ({ marks }) => {
      for (const { exampleId, ...said } of marks) marked.set(exampleId, { ...marked.get(exampleId), ...said })
    },
  }
  const laidOver = (examples: readonly Example[]): readonly Example[] =>
    examples.map((example) =>
      withSaid({ ...example, isFlagged: flagged.has(example.id) }, marked.get(example.id)),
    )
  return { calls, laidOver }
}

const withSaid = (example: Example, { isExcluded, tags = [] }: Said = {}): Example => ({
  ...example,
  ...(isExcluded && { isExcluded: true }),
  ...(tags.length > 0 && { tags }),
})
