import { describe, expect, it } from 'vitest'
import { exportCommand, labelCommand, queuesCommand } from '../../src-main/cli/label'
import { openTerminal } from '../../src-main/cli/terminal'
import { openReadOnly } from '../../src-main/store/database'
import { plainLabelling, type LabelModeName } from '../../src-shared/records/labelling'
import { testFolder } from '../helpers/registry'
import { testStudio } from '../helpers/test-studio'
import { tinyCheckpoint } from '../helpers/tiny-model'
import { imported } from '../helpers/tiny-runs'

const sampling = { temperature: 1, topK: 0, topP: 1, maxTokens: 6, seed: 7 }

/** Types lines at a queue of two items that is judged in this mode. @returns what was said, and the judgments */
async function typed(mode: LabelModeName, lines: readonly string[]) {
  const folder = testFolder()
  const { id: checkpointId } = await tinyCheckpoint(folder)
  const studio = await testStudio({ folder })
  const prompts = await imported(studio, 'prompts.jsonl')
  await studio.ask('labels.create', {
    ...{ name: 'Typed', checkpointId, promptDatasetId: prompts.id, sampling, goal: 2, guidance: 'Warmth.' },
    labelling: { ...plainLabelling, mode, completions: 3 },
  })
  let said = ''
  const write = (text: string): void => {
    said += text
  }
  const terminal = openTerminal({ out: { write }, err: { write } }, false, () => 0)
  const input = (async function* () {
    yield* lines
  })()
  await labelCommand(studio.api, { queue: 'Typed', annotator: 'Ada', lines: input }, terminal)
  let file = ''
  const db = openReadOnly(`${folder}/registry.sqlite`)
  queuesCommand(db, terminal)
  exportCommand(db, { queue: 'Typed', format: 'jsonl' }, { write: (text: string) => (file += text) })
  db.close()
  const judgments = file
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  return { said, judgments }
}

describe('studio label', () => {
  it('judges pairs, says what a line cannot mean, and stops when all is judged', async () => {
    const { said, judgments } = await typed('pair', ['nonsense', 'sl', 'b', 'l'])
    expect(said).toContain('“nonsense” says nothing here')
    expect(said).toContain('What counts here: Warmth.')
    expect(said).toContain('2 judged.')
    expect(said).toMatch(/queue-\d+ +Typed +Pair/)
    expect(judgments).toMatchObject([
      { verdict: 'left', margin: 'slightly', annotator: 'Ada' },
      { verdict: 'both-bad' },
    ])
  })

  it('takes back', async () => {
    const { judgments } = await typed('pair', ['l', 'z', 'r', 'q'])
    expect(judgments).toMatchObject([{ verdict: 'right' }])
  })

  it.each([
    ['ranking', ['c a=b', 'd'], { groups: [[2], [0, 1]] }],
    ['rating', ['9', '4'], { rating: 4 }],
    ['yes-no', ['y'], { isGood: true }],
    ['edit', ['a better one'], { text: 'a better one' }],
    ['turns', ['n'], { good: { 0: false } }],
  ] as const)('reads %s', async (mode, lines, answer) => {
    const { judgments } = await typed(mode, lines)
    expect(judgments).toMatchObject([{ verdict: 'answer', answer }])
  })
})
