/**
 * Everything main can ask of the warm process, and everything it can listen to. Both are parts of one program: types
 * suffice. Everything that is in the registry is named by id; the warm process reads it there itself.
 */
import type { CallInput } from '../../src-shared/contract'
import type { RenderedView, TokenView } from '../../src-shared/records/example'
import type { ExportedModel } from '../../src-shared/records/checkpoint'
import type { Device } from '../../src-shared/records/device'
import type { MemoryNeed } from '../../src-shared/records/run'
import type { BestOf, WeightFormat, ToldToken } from '../../src-shared/records/sample'
import type { NearProgress } from '../../src-shared/records/near'
import type { TokenLengthsProgress } from '../../src-shared/records/token-lengths'
import type { Prompt } from '../../src-shared/records/turn'
import type { SamplingSettings } from '../../src-shared/sampling'
import type { ExportRequest, ImportedModel, ImportRequest } from '../checkpoints/model-library'
import type { NearQuestion } from '../datasets/near-duplicates'
import type { TokenLengthsQuestion } from '../datasets/token-lengths'
import type { Parsed } from '../border/read-input'
import type { CheckedLaunch, LaunchRequest } from '../launch/launch-check'
import type { LongQueuePrompts, QueuePromptsQuestion } from '../launch/queue-prompts'
import type { SizedRun } from '../launch/sized-run'
import type { ScoredText } from '../rewards/reward'
import type { ReadableDb } from '../store/handle'

export type WarmContract = {
  readonly calls: {
    /** What is certain without trying a device out. */
    readonly 'devices.list': { readonly input: undefined; readonly output: readonly Device[] }
    /** What a run would hold at its peak, before there is one. */
    readonly 'memory.need': { readonly input: SizedRun; readonly output: MemoryNeed }
    readonly 'launch.check': { readonly input: LaunchQuestion; readonly output: CheckedLaunch }
    readonly 'queue.check': { readonly input: QueueQuestion; readonly output: void }
    readonly 'queue.prompts': { readonly input: QueuePromptsQuestion; readonly output: LongQueuePrompts }
    readonly 'texts.tokens': { readonly input: TokensQuestion; readonly output: TokenView }
    readonly 'texts.rendered': { readonly input: RenderedQuestion; readonly output: RenderedView }
    readonly 'texts.batch': { readonly input: BatchRequest; readonly output: readonly WrittenText[] }
    /** One number a text: Σ weight · score. */
    readonly 'texts.score': { readonly input: ScoreRequest; readonly output: readonly number[] }
    /** What each head of a reward model says of each text; one head unless it is an ensemble. */
    readonly 'texts.heads': {
      readonly input: HeadsRequest
      readonly output: readonly (readonly number[])[]
    }
    readonly 'models.export': { readonly input: ExportRequest; readonly output: ExportedModel }
    readonly 'runs.project': { readonly input: ProjectWish; readonly output: ExportedModel }
  }
  readonly streams: {
    /** Pieces gathered for at most 16 ms. */
    readonly 'texts.stream': { readonly input: StreamRequest; readonly item: readonly StreamedPiece[] }
    /** Completions of one checkpoint, each told apart by its place; gathered in the same way. */
    readonly 'texts.write': { readonly input: WriteRequest; readonly item: readonly WritePiece[] }
    /** How far it is, and last the report. */
    readonly 'datasets.near': { readonly input: NearQuestion; readonly item: NearProgress }
    /** How far it is, and last all lengths. */
    readonly 'datasets.tokenLengths': {
      readonly input: TokenLengthsQuestion
      readonly item: TokenLengthsProgress
    }
    /** How far it is, 0 … 1, and last the model. */
    readonly 'models.import': { readonly input: ImportRequest; readonly item: number | ImportedModel }
  }
}

/** A run as a project for other programs. */
export interface ProjectWish {
  readonly runId: string
  /** Where the new folder is made. */
  readonly folder: string
  /** Processes that train together, each on a GPU of its own where there are some. */
  readonly workers: number
  readonly useGpu: boolean
  /** A folder that all of a cluster's nodes share, for what Ray Train keeps; else beside the project. */
  readonly storage?: string
}

/** Written by what stands above the processes, which whoever starts this one hands in. */
export type WriteProject = (db: ReadableDb, wish: ProjectWish) => Promise<ExportedModel>

export interface LaunchQuestion {
  readonly request: LaunchRequest
  /** As main knows them: each was tried out in a process of its own. */
  readonly devices: readonly Device[]
}

export type QueueQuestion = Parsed<CallInput<'labels.create'>>
export type RenderedQuestion = Parsed<CallInput<'datasets.rendered'>>
export type TokensQuestion = Parsed<CallInput<'datasets.tokens'>>

/** Both sides of one prompt, token by token, from the same seed. */
export interface StreamRequest {
  readonly prompt: Prompt
  readonly leftCheckpointId: string
  readonly rightCheckpointId?: string
  readonly sampling: SamplingSettings
  /** Format of both sides' weights; as they are unless it says otherwise. */
  readonly weights?: WeightFormat
  /** Tells each token with its log-probability: a look at the whole vocabulary a token. */
  readonly withChances?: boolean
}

/** One completion a prompt, as they come; the draws of each come from the seed and its place. */
export interface WriteRequest {
  readonly checkpointId: string
  readonly prompts: readonly Prompt[]
  /** What every completion begins with already: it is read and not written again. */
  readonly begun?: string
  /** Of its best-of-n nothing is read. */
  readonly sampling: SamplingSettings
  /** Tells each token with its log-probability, and so many of the likeliest beside it. */
  readonly topChances?: number
  readonly weights?: WeightFormat
}

export interface WritePiece {
  readonly index: number
  /** Text to append. */
  readonly text: string
  /** Tokens written so far, an end token not counted. */
  readonly tokens: number
  readonly promptTokens: number
  /** Tokens whose text is shown with this piece; neither an end token nor a stop text’s. */
  readonly told?: readonly ToldToken[]
  /** Present in the last piece of a text. */
  readonly ended?: 'end' | 'stop' | 'cut'
}

/** One completion a prompt, in order; the draws of each come from the seed and its place. */
export interface BatchRequest {
  readonly checkpointId: string
  readonly prompts: readonly Prompt[]
  readonly sampling: SamplingSettings
}

export interface ScoreRequest {
  /** As in a run: `wink`, `0.5 * afinn + lexicon`. */
  readonly rewards: string
  /** The checkpoint of its reward model, where it scores with one. */
  readonly checkpointId?: string
  readonly texts: readonly ScoredText[]
}

export interface HeadsRequest {
  readonly checkpointId: string
  readonly texts: readonly ScoredText[]
}

export interface WrittenText {
  readonly text: string
  readonly tokens: number
  readonly hasEnded: boolean
}

export interface StreamedPiece {
  readonly side: 'left' | 'right'
  readonly text: string
  /** Tokens written so far on this side, the end token not counted. */
  readonly tokens: number
  readonly told?: readonly ToldToken[]
  /** Present in a side's last piece: all that was written. */
  readonly end?: WrittenText & { readonly tokensASecond: number; readonly best?: BestOf }
}
