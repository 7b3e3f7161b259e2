/** The five first steps on the sample project: how far a person is, and the room in which each is done. */
import type { Checkpoint } from '../../src-shared/records/checkpoint'
import type { LabelQueue } from '../../src-shared/records/comparison'
import type { Dataset } from '../../src-shared/records/dataset'
import type { Run } from '../../src-shared/records/run'
import { countOf } from '../../src-shared/sizes'
import type { NextStep } from './next-steps'

export type StepName = 'look' | 'label' | 'reward' | 'optimise' | 'judge'

export interface FirstStep {
  readonly name: StepName
  readonly title: string
  readonly doc: string
  /** What the button says, and what happens then. */
  readonly act: string
  readonly promise: string
  readonly state: 'done' | 'next' | 'later'
  /** How far it is, or what came of it. */
  readonly progress: string
  readonly to: Pick<NextStep, 'query'> & { readonly room: NextStep['room'] | 'datasets' }
}

/** A completion of the model that one begins with. */
export interface Written {
  readonly prompt: string
  readonly text: string
}

export interface Facts {
  readonly datasets: readonly Dataset[]
  readonly checkpoints: readonly Checkpoint[]
  readonly runs: readonly Run[]
  /** The label queue that one begins with. */
  readonly queue: LabelQueue | undefined
  /** Steps whose rooms were gone to from here, where nothing else shows that they were done. */
  readonly taken: ReadonlySet<StepName>
}

/** Preference pairs of one's own that are enough to go on. */
const enoughPairs = 20

/** Undefined without the sample project: its pairs, or its queue, are gone. */
export function firstSteps(facts: Facts): readonly FirstStep[] | undefined {
  const pairs = facts.datasets.find(({ kind, origin }) => kind === 'preferences' && origin === 'bundled')
  if (!pairs || !facts.queue) return undefined
  const path = pathOf(facts, pairs, facts.queue)
  const steps = [look, label, reward, optimise, judge].map((step) => step(path))
  const next = steps.findIndex(({ isDone }) => !isDone)
  return steps.map(({ isDone, ...step }, index) => ({
    ...step,
    state: isDone ? 'done' : index === next ? 'next' : 'later',
  }))
}

/** What a person has made so far. */
interface Path {
  readonly pairs: Dataset
  readonly queue: LabelQueue
  /** Preference pairs from one's own judgments. */
  readonly own: number
  readonly rewardRun: Run | undefined
  readonly rewardModel: Checkpoint | undefined
  readonly policyRun: Run | undefined
  readonly policy: Checkpoint | undefined
  readonly taken: ReadonlySet<StepName>
}

type Step = Omit<FirstStep, 'state'> & { readonly isDone: boolean }

function pathOf({ datasets, checkpoints, runs, taken }: Facts, pairs: Dataset, queue: LabelQueue): Path {
  const has = (run: Run, id: string): boolean => Object.values(run.inputs).some((ids) => ids.includes(id))
  const newest = (isIt: (run: Run) => boolean): Run | undefined =>
    runs
      .filter((run) => run.state === 'finished' && isIt(run))
      .toSorted((a, b) => b.createdAtMs - a.createdAtMs)[0]
  const madeBy = (run: Run | undefined): Checkpoint | undefined =>
    checkpoints.filter(({ runId }) => run && runId === run.id).toSorted((a, b) => b.step - a.step)[0]
  const rewardRun = newest((run) => run.recipe === 'reward' && has(run, queue.datasetId))
  const rewardModels = checkpoints.filter(({ runId, kind }) => kind === 'reward-model' && isOwn(runId))
  function isOwn(runId: string | undefined): boolean {
    return runs.some((run) => run.id === runId && has(run, queue.datasetId))
  }
  const policyRun = newest((run) => rewardModels.some(({ id }) => has(run, id)))
  return {
    pairs,
    queue,
    own: datasets.find(({ id }) => id === queue.datasetId)?.rows ?? 0,
    rewardRun,
    rewardModel: madeBy(rewardRun),
    policyRun,
    policy: madeBy(policyRun),
    taken,
  }
}

const look = ({ pairs, own, taken }: Path): Step => ({
  name: 'look',
  title: 'Look at the pairs',
  doc: `${countOf(pairs.rows, 'pair')} of review sentences: one chosen, one rejected.`,
  act: 'Look at the pairs',
  promise: 'Nothing is asked of you yet.',
  isDone: taken.has('look') || own >= enoughPairs,
  progress: '',
  to: { room: 'datasets', query: { dataset: pairs.id } },
})

const label = ({ queue, own }: Path): Step => ({
  name: 'label',
  title: `Label ${enoughPairs}`,
  doc: 'You say which of two completions is better. Keys 1 and 2 are enough.',
  act: own > 0 ? 'Go on labelling' : `Label ${enoughPairs}`,
  promise: 'Stop when you like: every judgment is kept.',
  isDone: own >= enoughPairs,
  progress: `${Math.min(own, enoughPairs)} of ${enoughPairs}`,
  to: { room: 'label', query: { queue: queue.id } },
})

const reward = ({ pairs, queue, own, rewardRun }: Path): Step => ({
  name: 'reward',
  title: 'Train a reward model',
  doc: 'It learns from the pairs and from you which completion you would choose.',
  act: 'Train a reward model',
  promise: 'Opens Launch, filled in. You start it.',
  isDone: rewardRun !== undefined,
  progress: rewardRun?.name ?? '',
  to: {
    room: 'launch',
    query: {
      recipe: 'reward',
      base: queue.checkpointId,
      pairs: own > 0 ? [pairs.id, queue.datasetId] : [pairs.id],
    },
  },
})

const optimise = ({ queue, rewardModel, policyRun }: Path): Step => ({
  name: 'optimise',
  title: 'Optimise',
  doc: 'PPO moves the model towards the reward and holds it near where it began.',
  act: 'Optimise with PPO',
  promise: 'Opens Launch, filled in. You start it.',
  isDone: policyRun !== undefined,
  progress: policyRun?.name ?? '',
  to: {
    room: 'launch',
    query: {
      recipe: 'ppo',
      policy: queue.checkpointId,
      prompts: queue.promptDatasetId,
      ...(rewardModel && { rewardModel: rewardModel.id }),
    },
  },
})

const judge = ({ queue, policy, taken }: Path): Step => ({
  name: 'judge',
  title: 'Judge blind',
  doc: 'Before against after, names hidden until your verdict. Is it really better?',
  act: 'Compare before and after',
  promise: 'Opens an arena with the two checkpoints, filled in.',
  isDone: taken.has('judge') && policy !== undefined,
  progress: '',
  to: {
    room: 'compare',
    query: {
      mode: 'arena',
      meet: [queue.checkpointId, ...(policy ? [policy.id] : [])],
      prompts: queue.promptDatasetId,
    },
  },
})
