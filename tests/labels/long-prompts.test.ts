/** A prompt that leaves its writer no room does not end a queue or an arena: it is left out, or cut, and counted. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { labelCommand } from '../../src-main/cli/label'
import { openTerminal } from '../../src-main/cli/terminal'
import { plainLabelling, type Labelling } from '../../src-shared/records/labelling'
import type { LabelProgress } from '../../src-shared/records/comparison'
import { textOf } from '../../src-shared/turn-texts'
import { testFolder } from '../helpers/registry'
import { testStudio, type TestStudio } from '../helpers/test-studio'
import { tinyCheckpoint } from '../helpers/tiny-model'

const sampling = { temperature: 1, topK: 0, topP: 1, maxTokens: 12, seed: 7 }
const long = 'a very long story about a fox and a dog.'
/** The model reads 32 tokens, a letter each, and one of them is left to be written at least. */
const leftOut =
  'Left out: 1 of 3 prompts; more than 31 tokens leave no room for a completion (the first is row 2, with 40).'

async function room(prompts: readonly string[]) {
  const folder = testFolder()
  const { id } = await tinyCheckpoint(folder)
  const studio = await testStudio({ folder })
  const file = join(folder, 'asked.jsonl')
  writeFileSync(file, prompts.map((prompt) => JSON.stringify({ prompt })).join('\n'))
  const last = (await studio.follow('datasets.import', { path: file })).at(-1)
  return { studio, id, dataset: last!.done!.dataset }
}

async function queued(way: Partial<Labelling>, prompts = ['a fox.', long, 'a dog.']) {
  const { studio, id, dataset } = await room(prompts)
  const queue = await studio.ask('labels.create', {
    ...{ name: 'Warmth', checkpointId: id, promptDatasetId: dataset.id, sampling, goal: 4, guidance: '' },
    labelling: { ...plainLabelling, ...way },
  })
  return { studio, queue }
}

const filled = async (studio: TestStudio, queueId: string): Promise<LabelProgress> =>
  (
    await studio.follow(
      'labels.watch',
      { queueId },
      ({ ahead, problem }) => ahead >= 2 || problem !== undefined,
    )
  ).at(-1)!

const promptsOf = async (studio: TestStudio, queueId: string) =>
  new Set(
    (await studio.ask('labels.next', { queueId, count: 8, holding: [] })).map(({ prompt }) => textOf(prompt)),
  )

describe('a label queue with a prompt that is too long', () => {
  it('leaves it out, and says how many there were', async () => {
    const { studio, queue } = await queued({})
    expect(await filled(studio, queue.id)).toMatchObject({ longPrompts: leftOut })
    await studio.follow('labels.watch', { queueId: queue.id }, ({ ahead }) => ahead === 4)
    expect(await promptsOf(studio, queue.id)).toEqual(new Set(['a fox.', 'a dog.']))
  })

  it('asks its end where that is chosen, in every mode', async () => {
    for (const mode of ['pair', 'rating'] as const) {
      const { studio, queue } = await queued({ mode, longPrompts: 'cut' })
      await studio.follow('labels.watch', { queueId: queue.id }, ({ ahead }) => ahead === 4)
      expect((await filled(studio, queue.id)).longPrompts).toContain('to 20 tokens: 1 of 3 prompts')
      expect(await promptsOf(studio, queue.id)).toEqual(new Set(['a fox.', long.slice(-20), 'a dog.']))
    }
  })

  it('is refused where all of them are', async () => {
    await expect(queued({}, [long, long])).rejects.toThrow(/every prompt has more than the 31 tokens/)
  })

  it('says so in the terminal, once', async () => {
    const { studio } = await queued({})
    let said = ''
    const write = (text: string): void => {
      said += text
    }
    const terminal = openTerminal({ out: { write }, err: { write } }, false, () => 0)
    const lines = (async function* () {
      yield* ['l', 'l', 'l', 'l']
    })()
    await labelCommand(studio.api, { queue: 'Warmth', annotator: '', lines }, terminal)
    expect(said.split(leftOut)).toHaveLength(2)
  })
})

describe('a prompt that leaves room for less than was asked for', () => {
  it('is asked, and its completion ends with the context', async () => {
    const { studio, queue } = await queued({}, ['a fox.', long.slice(-25)])
    expect((await filled(studio, queue.id)).longPrompts).toBeUndefined()
    await studio.follow('labels.watch', { queueId: queue.id }, ({ ahead }) => ahead === 4)
    expect(await promptsOf(studio, queue.id)).toContain(long.slice(-25))
  })
})

describe('an arena with a prompt that is too long', () => {
  it('leaves it out or asks its end, as was chosen', async () => {
    for (const longPrompts of ['leave-out', 'cut'] as const) {
      const { studio, id, dataset } = await room(['a fox.', long, 'a dog.'])
      const arena = await studio.ask('arena.create', {
        ...{ name: 'Warm and cool', promptDatasetId: dataset.id, goal: 9, guidance: '', longPrompts },
        contenders: [
          { checkpointId: id, sampling },
          { checkpointId: id, sampling: { ...sampling, temperature: 0.7 } },
        ],
      })
      const count = longPrompts === 'cut' ? 3 : 2
      await studio.follow('labels.watch', { queueId: arena.id }, ({ ahead }) => ahead >= count)
      const { longPrompts: said } = await filled(studio, arena.id)
      expect(said).toContain(longPrompts === 'cut' ? 'Cut at their beginning' : 'Left out: 1 of 3')
      expect((await promptsOf(studio, arena.id)).has(long.slice(-20))).toBe(longPrompts === 'cut')
      expect((await promptsOf(studio, arena.id)).has(long)).toBe(false)
    }
  })
})
