/**
 * What each role may ask over the wire: the calls and streams named here and no other, of which queue, and what of the
 * answer is theirs to see. A call that is added to the contract is nobody's until it has a row.
 */
import type {
  CallInput,
  CallName,
  CallOutput,
  StreamInput,
  StreamItem,
  StreamName,
} from '../../src-shared/contract'
import type {
  Comparison,
  ComparisonSide,
  LabelProgress,
  LabelQueue,
} from '../../src-shared/records/comparison'
import type { Member, Role } from '../../src-shared/records/team'

/** What a request is about: an annotator is answered only of queues that were given. */
interface About {
  readonly queueId?: string
  readonly comparisonId?: string
}

interface Allowed<Input, Output> {
  readonly about?: (input: Input) => About
  /** What is said is said under the name one came in by, whatever is sent. */
  readonly isNamed?: true
  readonly shown?: (output: Output, member: Member) => Output
}

export interface RoleRows {
  readonly calls: { readonly [K in CallName]?: Allowed<CallInput<K>, CallOutput<K>> }
  readonly streams: { readonly [K in StreamName]?: Allowed<StreamInput<K>, StreamItem<K>> }
}

const aboutQueue = ({ queueId }: { readonly queueId: string }): About => ({ queueId })
const aboutComparison = ({ comparisonId }: { readonly comparisonId: string }): About => ({ comparisonId })

const bareSide = ({ text, tokens, hasEnded, cutBy }: ComparisonSide): ComparisonSide => ({
  ...{ text, tokens, hasEnded },
  ...(cutBy && { cutBy }),
})
/** Without who wrote it, and how. */
const bare = ({ left, right, candidates, ...rest }: Comparison): Comparison => ({
  ...rest,
  left: bareSide(left),
  right: bareSide(right),
  ...(candidates && { candidates: candidates.map(bareSide) }),
})

const noSampling = { temperature: 1, topK: 0, topP: 1, maxTokens: 1, seed: 0 }
/** What is judged and how; of models, data and settings nothing. */
const bareQueue = ({ id, name, goal, guidance, labelling, createdAtMs }: LabelQueue): LabelQueue => {
  const { scoredBy: _, ...way } = labelling
  return {
    ...{ id, name, goal, guidance, createdAtMs, labelling: way },
    ...{ datasetId: '', checkpointId: '', promptDatasetId: '', sampling: noSampling },
  }
}

const stopped = 'Nothing more is being written at the moment: ask whoever runs the team’s studio.'
/** How far it is. What others said would sway: an annotator sees their own. */
const ownProgress = (progress: LabelProgress, { name, role }: Member): LabelProgress => ({
  ...progress,
  recent: progress.recent
    .filter(({ annotator }) => role === 'lead' || annotator === name)
    .map((said) => ({ ...said, window: '' })),
  ...(progress.problem !== undefined && { problem: stopped }),
})

const judging: RoleRows = {
  calls: {
    'team.self': { shown: (_, { name, role }) => ({ name, role }) },
    'labels.queues': {
      shown: (queues, { role, queues: given }) =>
        queues.filter(({ id }) => role === 'lead' || given.includes(id)).map(bareQueue),
    },
    'labels.next': { isNamed: true, about: aboutQueue, shown: (found) => found.map(bare) },
    'labels.judge': {
      isNamed: true,
      about: aboutComparison,
      shown: ({ progress, next }, member) => ({
        progress: ownProgress(progress, member),
        ...(next && { next: bare(next) }),
      }),
    },
    'labels.undo': {
      isNamed: true,
      about: aboutQueue,
      shown: ({ progress, comparison }, member) => ({
        progress: ownProgress(progress, member),
        ...(comparison && { comparison: bare(comparison) }),
      }),
    },
  },
  streams: { 'labels.watch': { about: aboutQueue, shown: ownProgress } },
}

export const roleRows: Readonly<Record<Role, RoleRows>> = {
  annotator: judging,
  lead: {
    calls: {
      ...judging.calls,
      'labels.guide': { about: aboutQueue, shown: bareQueue },
      'labels.more': { about: aboutQueue, shown: ownProgress },
      'labels.agreement': { about: aboutQueue },
      'labels.export': { about: aboutQueue },
    },
    streams: judging.streams,
  },
}
