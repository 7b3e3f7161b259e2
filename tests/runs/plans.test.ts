/** Plans, with real compute processes: the whole chain, what holds it, and what is refused before it begins. */
import { describe, expect, it } from 'vitest'
import { openTerminal } from '../../src-main/cli/terminal'
import { followPlan } from '../../src-main/cli/plan'
import { chainOf, chainPolicies, type ChainWish } from '../../src-shared/plan-chain'
import { currentStep, type Plan, type PlanStepState } from '../../src-shared/records/plan'
import { StudioFailure } from '../../src-shared/result'
import { testFolder } from '../helpers/registry'
import { testStudio, type Asking } from '../helpers/test-studio'
import { tinyCheckpoint } from '../helpers/tiny-model'
import { imported } from '../helpers/tiny-runs'

const once = { checkpointEvery: 100, warmupUpdates: 1 }
const settings = {
  sft: { ...once, epochs: 1, batchExamples: 8, samplesEvery: 100 },
  reward: { ...once, epochs: 1, batchPairs: 8 },
  policy: {
    ...{ updates: 2, criticWarmup: 1, completions: 4, maxTokens: 8, minibatches: 1, epochs: 1 },
    ...{ checkpointEvery: 2, samplesEvery: 2, warmupUpdates: 1 },
  },
}

/** A studio with a model, and the whole chain from it. */
async function opened() {
  const folder = testFolder()
  const { id } = await tinyCheckpoint(folder)
  const studio = await testStudio({ folder })
  return { folder, studio, wish: await wished(studio, id) }
}

async function wished(studio: Asking, from: string): Promise<ChainWish> {
  return {
    from,
    prompts: (await imported(studio, 'prompts.jsonl')).id,
    demonstrations: [(await imported(studio, 'labelled.jsonl')).id],
    pairs: [(await imported(studio, 'pairs.jsonl')).id],
    ...{ judgments: 2, verdicts: 1, policy: 'ppo', settings },
  }
}

/** The plan, once the step it stands at is in this state; `done`: all of them. */
async function standsAt(studio: Asking, planId: string, state: PlanStepState): Promise<Plan> {
  const isThere = (plan?: Plan): boolean =>
    plan !== undefined && (currentStep(plan)?.state ?? 'done') === state
  const found = await studio.follow('plans.changes', {}, (all) =>
    isThere(all.find(({ id }) => id === planId)),
  )
  return found.at(-1)!.find(({ id }) => id === planId)!
}

async function judge(studio: Asking, queueId: string, times: number): Promise<void> {
  for (let judged = 0; judged < times; judged++) {
    await studio.follow('labels.watch', { queueId }, ({ ahead }) => ahead > 0)
    const [next] = await studio.ask('labels.next', { queueId, count: 1, holding: [] })
    await studio.ask('labels.judge', { comparisonId: next!.id, holding: [], verdict: 'left' })
  }
}

describe('a plan', () => {
  it('goes from demonstrations to a judged policy, and stands still only for people', async () => {
    const { studio, wish } = await opened()
    const { id, name } = await studio.ask('plans.start', { steps: chainOf(wish) })
    expect(name).toBe('plan-01')

    const labelling = await standsAt(studio, id, 'waits')
    expect(labelling.steps.map(({ state }) => state)).toEqual(['done', 'waits', 'later', 'later', 'later'])
    const queue = currentStep(labelling)!
    expect(queue).toMatchObject({ judged: 0, goal: 2, hasEnough: false })
    await judge(studio, queue.madeId!, 2)
    const judging = await standsAt(studio, id, 'waits').then((plan) =>
      currentStep(plan)!.madeId === queue.madeId ? standsAtOther(studio, id, queue.madeId!) : plan,
    )
    expect(judging.steps.map(({ state }) => state)).toEqual(['done', 'done', 'done', 'done', 'waits'])

    const [sft, , reward, policy, arena] = judging.steps
    const runs = new Map((await studio.ask('runs.list', {})).map((run) => [run.id, run]))
    const queues = await studio.ask('labels.queues', {})
    const lastOf = async (runId: string) => (await studio.ask('runs.show', { runId })).checkpoints.at(-1)!.id
    // each is made from what the ones before it made
    const fineTuned = await lastOf(sft!.madeId!)
    const { datasetId } = queues.find((each) => each.id === queue.madeId)!
    expect(runs.get(reward!.madeId!)!.inputs).toEqual({
      base: [fineTuned],
      pairs: [...wish.pairs, datasetId],
    })
    expect(runs.get(policy!.madeId!)!.inputs).toMatchObject({
      policy: [fineTuned],
      rewardModel: [await lastOf(reward!.madeId!)],
    })
    expect(
      (await studio.ask('arena.list', {}))[0]!.contenders.map(({ checkpointId }) => checkpointId),
    ).toEqual([fineTuned, await lastOf(policy!.madeId!)])

    // more labels than were asked for do not call it back
    await studio.ask('labels.more', { queueId: queue.madeId!, count: 5 })
    await judge(studio, arena!.madeId!, 1)
    expect((await standsAt(studio, id, 'done')).steps.every(({ state }) => state === 'done')).toBe(true)
    expect(studio.bugs).toEqual([])
  }, 300_000)

  it('is held by a run that was stopped, goes on with what there is, and waits on over a restart', async () => {
    const { folder, studio: first, wish } = await opened()
    const long = { ...settings.sft, epochs: 1000 }
    const steps = chainOf({ ...wish, settings: { ...settings, sft: long } })
    const { id, steps: begun } = await first.ask('plans.start', { steps })
    const runId = begun[0]!.madeId!
    await first.follow('runs.watch', { runId, sinceStep: -1 }, ({ points }) => points !== undefined)
    await first.studio.close()

    const second = await testStudio({ folder }) // its run goes on by itself
    const goesOn = await second.follow('plans.changes', {}, ([plan]) => plan?.steps[0]?.state === 'under-way')
    expect(goesOn.at(-1)![0]!.steps[0]!.madeId).toBe(runId)
    await second.follow('runs.watch', { runId, sinceStep: -1 }, ({ run }) => run?.state === 'running')
    await second.ask('runs.stop', { runId })
    const held = currentStep(await standsAt(second, id, 'held'))!
    expect(held).toMatchObject({ madeId: runId, hasEnough: true, problem: 'Its run was stopped.' })
    await second.ask('plans.enough', { planId: id })
    const waits = await standsAt(second, id, 'waits')
    expect(currentStep(waits)!.step.kind).toBe('label')

    await second.ask('plans.stop', { planId: id })
    await judge(second, currentStep(waits)!.madeId!, 2)
    const said = { write: () => true }
    const terminal = openTerminal({ out: said, err: said }, false, () => 0)
    const following = { api: second.api, terminal, onInterrupt: () => () => {}, now: () => 0 }
    const [stopped] = await second.ask('plans.list', {})
    await followPlan(stopped!, following) // says that it is stopped, and does not wait
    expect((await second.ask('runs.list', {})).length).toBe(1)
    await second.ask('plans.remove', { planId: id })
    expect(await second.ask('plans.list', {})).toEqual([])
    expect(second.bugs).toEqual([])
  }, 300_000)

  it('is refused before it begins for what its last run would be refused for', async () => {
    const { studio, wish } = await opened()
    const wrong = { ...settings, policy: { ...settings.policy, maxTokens: 100_000 } }
    const refused = await studio.api.call('plans.start', { steps: chainOf({ ...wish, settings: wrong }) })
    expect(refused.ok).toBe(false)
    if (!refused.ok) expect(new StudioFailure(refused.error).message).toMatch(/^Step 4: PPO, /)
    const empty = await studio.ask('labels.create', {
      ...{
        name: 'Nothing yet',
        checkpointId: wish.from,
        promptDatasetId: wish.prompts,
        goal: 9,
        guidance: '',
      },
      sampling: { temperature: 1, topK: 0, topP: 1, maxTokens: 6, seed: 7 },
    })
    const early = await studio.ask('plans.check', { steps: chainOf({ ...wish, pairs: [empty.datasetId] }) })
    expect(early.problems).toHaveLength(1)
    expect(early.problems[0]).toMatchObject({ field: 'Step 3' })
    expect(early.problems[0]!.problem).toContain('“Nothing yet” has no preference pair yet')
    const turned = chainOf(wish).toReversed()
    const { problems } = await studio.ask('plans.check', { steps: turned })
    expect(problems[0]).toEqual({ field: 'Step 1', problem: 'is made from a step that comes after it' })
    expect(await studio.ask('plans.list', {})).toEqual([])
    expect(chainPolicies).toContain('ppo')
    expect(chainPolicies).not.toContain('dpo')
  }, 300_000)
})

const standsAtOther = async (studio: Asking, planId: string, queueId: string): Promise<Plan> => {
  const isThere = (plan?: Plan): boolean => {
    const at = plan && currentStep(plan)
    return at?.state === 'waits' && at.madeId !== queueId
  }
  const found = await studio.follow('plans.changes', {}, (all) =>
    isThere(all.find(({ id }) => id === planId)),
  )
  return found.at(-1)!.find(({ id }) => id === planId)!
}
