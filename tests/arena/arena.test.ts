import { describe, expect, it } from 'vitest'
import type { CallInput } from '../../src-shared/contract'
import type { Arena, ArenaState } from '../../src-shared/records/arena'
import type { LabelProgress } from '../../src-shared/records/comparison'
import { apiOf } from '../../src-main/cli/pipe'
import { testFolder } from '../helpers/registry'
import { asking, testStudio, type Asking, type TestStudio } from '../helpers/test-studio'
import { tinyCheckpoint } from '../helpers/tiny-model'
import { imported } from '../helpers/tiny-runs'

const sampling = { temperature: 1, topK: 0, topP: 1, maxTokens: 12, seed: 7 }
const cooler = { ...sampling, temperature: 0.7 }

/** A studio with a tiny model and eight prompts, and an arena of the model with itself, sampled in two ways. */
async function arena(more: Partial<CallInput<'arena.create'>> = {}): Promise<{
  readonly studio: TestStudio
  readonly arena: Arena
  readonly request: CallInput<'arena.create'>
}> {
  const folder = testFolder()
  const { id } = await tinyCheckpoint(folder)
  const studio = await testStudio({ folder })
  const prompts = await imported(studio, 'prompts.jsonl')
  const request = {
    name: 'Warm and cool',
    promptDatasetId: prompts.id,
    contenders: [
      { checkpointId: id, sampling },
      { checkpointId: id, sampling: cooler },
    ],
    goal: 30,
    guidance: 'The warmer one.',
    ...more,
  }
  return { studio, arena: await studio.ask('arena.create', request), request }
}

const until = async (
  studio: Asking,
  queueId: string,
  isLast: (progress: LabelProgress) => boolean,
): Promise<LabelProgress> => (await studio.follow('labels.watch', { queueId }, isLast)).at(-1)!

const judge = (studio: Asking, comparisonId: string, more: Partial<CallInput<'labels.judge'>> = {}) =>
  studio.ask('labels.judge', { comparisonId, holding: [], verdict: 'left', ...more })

describe('an arena', () => {
  it('is listed with who meets in it, and not among the queues of Label', async () => {
    const { studio, arena: made } = await arena()
    expect(await studio.ask('arena.list', {})).toEqual([made])
    expect(made.contenders.map((one) => [one.sampling.temperature, one.isDrawn])).toEqual([
      [1, true],
      [0.7, true],
    ])
    expect(await studio.ask('labels.queues', {})).toEqual([])
  })

  it('shows the two on one prompt once, without saying who wrote what, and says when all have met', async () => {
    const { studio, arena: made } = await arena()
    // eight prompts, one pair: eight comparisons, though thirty were aimed at
    await until(studio, made.id, ({ ahead }) => ahead >= 8)
    const shown = await studio.ask('labels.next', { queueId: made.id, count: 8, holding: [] })
    expect(new Set(shown.map(({ prompt }) => prompt)).size).toBe(8)
    for (const { left, right } of shown) {
      expect(left.text).not.toBe(right.text)
      const told = ({ cutBy: _, ...side }: typeof left) => Object.keys(side).toSorted()
      expect([left, right].map(told)).toEqual([
        ['hasEnded', 'text', 'tokens'],
        ['hasEnded', 'text', 'tokens'],
      ])
    }
    for (const { id } of shown) await judge(studio, id)
    const { problem } = await until(studio, made.id, (progress) => progress.problem !== undefined)
    expect(problem).toMatch(/have met on every prompt/)
  })

  it('tells who wrote what after the verdict, and counts it for both', async () => {
    const { studio, arena: made } = await arena()
    await until(studio, made.id, ({ ahead }) => ahead >= 2)
    const [first] = await studio.ask('labels.next', { queueId: made.id, count: 1, holding: [] })
    expect((await studio.ask('arena.state', { arenaId: made.id })).last).toBeUndefined()
    await judge(studio, first!.id, { verdict: 'left', margin: 'slightly' })
    const state = await studio.ask('arena.state', { arenaId: made.id })
    expect(state).toMatchObject({ judged: 1, last: { place: 1, verdict: 'left', margin: 'slightly' } })
    const { left, right } = state.last!
    expect([left, right].toSorted((a, b) => a - b)).toEqual([0, 1])
    expect(state.contenders[left]).toMatchObject({ won: 1, lost: 0 })
    expect(state.contenders[right]).toMatchObject({ won: 0, lost: 1 })
  })

  it('draws the sides: neither contender stands on one side alone', async () => {
    const { studio, arena: made } = await arena()
    await until(studio, made.id, ({ ahead }) => ahead >= 8)
    const lefts = new Set<number>()
    for (const { id } of await studio.ask('labels.next', { queueId: made.id, count: 8, holding: [] })) {
      await judge(studio, id)
      lefts.add((await studio.ask('arena.state', { arenaId: made.id })).last!.left)
    }
    expect([...lefts].toSorted((a, b) => a - b)).toEqual([0, 1])
  })

  it('makes preference pairs of its verdicts, as any queue does: they train', async () => {
    const { studio, arena: made } = await arena()
    await until(studio, made.id, ({ ahead }) => ahead >= 1)
    const [first] = await studio.ask('labels.next', { queueId: made.id, count: 1, holding: [] })
    await judge(studio, first!.id, { verdict: 'right' })
    const page = { datasetId: made.datasetId, filter: { search: '' }, offset: 0, limit: 10 }
    expect((await studio.ask('datasets.page', page)).rows).toMatchObject([
      { prompt: first!.prompt, completion: first!.right.text, rejected: first!.left.text },
    ])
  })

  it('keeps the name of who judged; what others put their name to is not taken back', async () => {
    const { studio, arena: made } = await arena()
    await until(studio, made.id, ({ ahead }) => ahead >= 2)
    const [first, second] = await studio.ask('labels.next', { queueId: made.id, count: 2, holding: [] })
    await judge(studio, first!.id, { annotator: 'Ada' })
    const { progress } = await judge(studio, second!.id, { annotator: ' Ben ' })
    expect(progress.recent.map(({ annotator }) => annotator)).toEqual(['Ben', 'Ada'])
    expect((await studio.ask('arena.state', { arenaId: made.id })).annotators).toBe(2)
    const undo = () => studio.ask('labels.undo', { queueId: made.id, annotator: 'Ada' })
    expect((await undo()).comparison).toMatchObject({ place: 1 })
    expect((await undo()).comparison).toBeUndefined()
  })

  it('is told to every window that watches, the last verdict only to the one that said it', async () => {
    const { studio, arena: made } = await arena()
    await until(studio, made.id, ({ ahead }) => ahead >= 1)
    const other = asking(apiOf(studio.studio.handlers, () => {}))
    const isJudged = ({ judged }: ArenaState): boolean => judged === 1
    const told = [studio, other].map((each) => each.follow('arena.watch', { arenaId: made.id }, isJudged))
    const [first] = await studio.ask('labels.next', { queueId: made.id, count: 1, holding: [] })
    await judge(studio, first!.id)
    const [own, others] = (await Promise.all(told)).map((items) => items.at(-1)!)
    expect(own?.last?.place).toBe(1)
    expect(others?.judged).toBe(1)
    expect(others?.last).toBeUndefined()
  })

  it('lets a contender rest: new pairs are drawn of the others, its verdicts stay', async () => {
    const folder = testFolder()
    const { id } = await tinyCheckpoint(folder)
    const studio = await testStudio({ folder })
    const prompts = await imported(studio, 'prompts.jsonl')
    const warmer = { ...sampling, temperature: 1.4 }
    const contenders = [sampling, cooler, warmer].map((each) => ({ checkpointId: id, sampling: each }))
    const made = await studio.ask('arena.create', {
      ...{ name: 'Three', promptDatasetId: prompts.id, contenders, goal: 24, guidance: '' },
    })
    await until(studio, made.id, ({ ahead }) => ahead >= 8)
    const changed = await studio.ask('arena.draw', { arenaId: made.id, drawn: [0, 2] })
    expect(changed.contenders.map(({ isDrawn }) => isDrawn)).toEqual([true, false, true])
    for (const each of await studio.ask('labels.next', { queueId: made.id, count: 8, holding: [] }))
      await judge(studio, each.id)
    await until(studio, made.id, ({ ahead }) => ahead >= 1)
    const [next] = await studio.ask('labels.next', { queueId: made.id, count: 1, holding: [] })
    await judge(studio, next!.id)
    const { last } = await studio.ask('arena.state', { arenaId: made.id })
    expect([last!.left, last!.right].toSorted((a, b) => a - b)).toEqual([0, 2])
  })
})

describe('an automatic judge of an arena', () => {
  it('scores both sides of what people gave to a side, now and later, and is held against them', async () => {
    const { studio, arena: made } = await arena()
    await until(studio, made.id, ({ ahead }) => ahead >= 8)
    const shown = await studio.ask('labels.next', { queueId: made.id, count: 8, holding: [] })
    /** People prefer vowels, and so does the judge. */
    const vowels = (text: string) => text.match(/[aeiou]/g)?.length ?? 0
    const verdictOf = ({ left, right }: (typeof shown)[number]) => {
      const lead = vowels(left.text) - vowels(right.text)
      return lead > 0 ? 'left' : lead < 0 ? 'right' : 'tie'
    }
    const sided = shown.map(verdictOf).filter((verdict) => verdict !== 'tie').length
    expect(sided).toBeGreaterThan(3)
    for (const each of shown.slice(0, 7)) await judge(studio, each.id, { verdict: verdictOf(each) })
    const rewards = 'pattern(pattern="[aeiou]", cap=1000)'
    const { judges } = await studio.ask('arena.judge', { arenaId: made.id, rewards })
    expect(judges.map((each) => each.judge?.name)).toEqual([undefined, rewards])
    await judge(studio, shown[7]!.id, { verdict: verdictOf(shown[7]!) })
    const isScored = ({ judges: all }: ArenaState): boolean => all[1]?.judged === sided
    const { judges: scored } = (await studio.follow('arena.watch', { arenaId: made.id }, isScored)).at(-1)!
    expect(scored[1]).toMatchObject({ waiting: 0, alike: 0, trained: [], agreed: { value: 1 } })
    expect(scored[0]!.judged + scored[0]!.alike).toBe(sided)
  })

  it('is there once however often it is asked for, and goes with its scores', async () => {
    const { studio, arena: made } = await arena()
    const ask = { arenaId: made.id, rewards: 'wink' }
    await studio.ask('arena.judge', ask)
    const { judges } = await studio.ask('arena.judge', { ...ask, rewards: ' wink ' })
    expect(judges).toHaveLength(2)
    const after = await studio.ask('arena.unjudge', { arenaId: made.id, judgeId: judges[1]!.judge!.id })
    expect(after.judges).toHaveLength(1)
  })

  it('is refused in words: no reward, one that needs references, a reward model without its checkpoint', async () => {
    const { studio, arena: made, request } = await arena()
    const asked = (rewards: string, checkpointId?: string) =>
      studio.ask('arena.judge', { arenaId: made.id, rewards, ...(checkpointId && { checkpointId }) })
    await expect(asked('winks')).rejects.toThrow('where a reward is wanted')
    await expect(asked('rouge')).rejects.toThrow('needs references')
    await expect(asked('reward-model')).rejects.toThrow('checkpointId is missing')
    await expect(asked('reward-model', request.contenders[0]!.checkpointId)).rejects.toThrow(
      'it scores nothing',
    )
  })
})

describe('an arena that cannot be made', () => {
  it('names a checkpoint that would meet itself', async () => {
    const { studio, request } = await arena()
    const contenders = [
      request.contenders[0]!,
      { ...request.contenders[0]!, sampling: { ...sampling, seed: 8 } },
    ]
    await expect(studio.ask('arena.create', { ...request, contenders })).rejects.toThrow(
      'contenders has checkpoint 2 twice with the same sampling',
    )
  })

  it('needs two, prompts that are there, and checkpoints that write', async () => {
    const { studio, request } = await arena()
    const [one, two] = request.contenders
    await expect(studio.ask('arena.create', { ...request, contenders: [one!] })).rejects.toThrow(
      'at least two',
    )
    await expect(studio.ask('arena.create', { ...request, promptDatasetId: 'dataset-99' })).rejects.toThrow(
      'This dataset no longer exists.',
    )
    const gone = { ...two!, checkpointId: 'checkpoint-99' }
    await expect(studio.ask('arena.create', { ...request, contenders: [one!, gone] })).rejects.toThrow(
      'This checkpoint no longer exists.',
    )
  })

  it('keeps its checkpoints from being removed', async () => {
    const { studio, request } = await arena()
    await expect(
      studio.ask('checkpoints.remove', { checkpointId: request.contenders[1]!.checkpointId }),
    ).rejects.toThrow('is used by')
  })
})
