/** Tags of examples and which are left out of training: each change is said, and can be taken back. */
import { defineStore } from 'pinia'
import type { Example } from '../../src-shared/records/example'
import { mostExamplesMarked, type ExampleMark } from '../../src-shared/records/example-marks'
import { errorText } from '../../src-shared/result'
import { countOf, countText } from '../../src-shared/sizes'
import { useApi } from '../api'
import { useExamples } from './examples'
import { useToasts } from './toasts'

type Changes = Omit<ExampleMark, 'exampleId'>
type Marked = Pick<Example, 'id' | 'row' | 'isExcluded' | 'tags'>

export const useExampleMarking = defineStore('example-marking', () => {
  const send = useSending()
  const toasts = useToasts()

  /** @param text what they are now, as a sentence goes on */
  async function mark(
    all: readonly Marked[],
    changes: (one: Marked) => Changes,
    text: string,
  ): Promise<void> {
    if (all.length === 0) return
    const undone = all.map((one) => ({ exampleId: one.id, ...before(one, changes(one)) }))
    if (!(await send(all.map((one) => ({ exampleId: one.id, ...changes(one) }))))) return
    const whom = all.length === 1 ? `Row ${countText(all[0]?.row ?? 0)}` : countOf(all.length, 'row')
    toasts.show(`${whom} ${all.length === 1 ? 'is' : 'are'} ${text}.`, { undo: () => void send(undone) })
  }

  return {
    /** Leaves them out of training, or takes them in again. */
    exclude: (all: readonly Marked[], isExcluded: boolean) =>
      mark(all, () => ({ isExcluded }), isExcluded ? 'left out of training' : 'trained on again'),
    addTag: (example: Marked, tag: string) =>
      mark([example], ({ tags = [] }) => ({ tags: [...tags, tag] }), `tagged “${tag}”`),
    removeTag: (example: Marked, tag: string) =>
      mark(
        [example],
        ({ tags = [] }) => ({ tags: tags.filter((one) => one !== tag) }),
        `without the tag “${tag}”`,
      ),
  }
})

/** Sends marks, and shows them on the rows that are on screen. */
function useSending() {
  const api = useApi()
  const examples = useExamples()
  const toasts = useToasts()

  function show({ exampleId, isExcluded, tags }: ExampleMark): void {
    const shown = examples.shown(exampleId)
    if (!shown) return
    const { isExcluded: wasExcluded, tags: had, ...example } = shown
    const said = tags ?? had ?? []
    examples.put({
      ...example,
      ...((isExcluded ?? wasExcluded) && { isExcluded: true }),
      ...(said.length > 0 && { tags: said }),
    })
  }

  /** @returns whether all were marked */
  return async (marks: readonly ExampleMark[]): Promise<boolean> => {
    for (let sent = 0; sent < marks.length; sent += mostExamplesMarked) {
      const some = marks
        .slice(sent, sent + mostExamplesMarked)
        .map((mark) => ({ ...mark, ...(mark.tags && { tags: [...mark.tags] }) }))
      const answer = await api.call('datasets.mark', { marks: some })
      if (!answer.ok) {
        toasts.show(errorText(answer.error), { isFailure: true })
        return false
      }
      some.forEach(show)
    }
    void examples.count()
    return true
  }
}

/** As an example is marked now, of what is about to change. */
const before = ({ isExcluded, tags }: Marked, changes: Changes): Changes => ({
  ...(changes.isExcluded !== undefined && { isExcluded: isExcluded ?? false }),
  ...(changes.tags !== undefined && { tags: tags ?? [] }),
})
