/**
 * What main has of the warm process: one compute process that writes texts for Compare and label queues, and looks at
 * models and devices, while training goes on in others.
 */
import { errorText, StudioFailure } from '../../src-shared/result'
import type { ExportedModel } from '../../src-shared/records/checkpoint'
import type { Device } from '../../src-shared/records/device'
import type { NearProgress } from '../../src-shared/records/near'
import type { TokenLengthsProgress } from '../../src-shared/records/token-lengths'
import type { ExportRequest, ImportedModel, ImportRequest } from '../checkpoints/model-library'
import type { NearQuestion } from '../datasets/near-duplicates'
import type { TokenLengthsQuestion } from '../datasets/token-lengths'
import type { LongQueuePrompts, QueuePromptsQuestion } from '../launch/queue-prompts'
import type { ForkCompute } from './compute-child'
import type {
  BatchRequest,
  HeadsRequest,
  ProjectWish,
  ScoreRequest,
  StreamedPiece,
  StreamRequest,
  WritePiece,
  WriteRequest,
  WrittenText,
} from './contract'
import { warmLine, type WarmLine } from './warm-line'

export interface WarmProcess {
  /**
   * Every device there could be, looked up once a start. When that fails, a device that says why it cannot be
   * used, and it is tried again.
   */
  devices(): Promise<readonly Device[]>
  /** Stops within a token when the signal aborts. @throws StudioFailure saying why it cannot be written */
  stream(request: StreamRequest, signal: AbortSignal): AsyncIterable<StreamedPiece>
  /** Several completions of one checkpoint as they come. @throws StudioFailure as `stream` */
  write(request: WriteRequest, signal: AbortSignal): AsyncIterable<WritePiece>
  /** Prompts of a label queue that are too long for who writes. @throws StudioFailure refused-file */
  longPrompts(request: QueuePromptsQuestion, signal: AbortSignal): Promise<LongQueuePrompts>
  batch(request: BatchRequest, signal: AbortSignal): Promise<readonly WrittenText[]>
  /** @throws StudioFailure saying why it cannot be scored */
  score(request: ScoreRequest, signal: AbortSignal): Promise<readonly number[]>
  /** Of each text what each head of a reward model says. @throws StudioFailure saying why it cannot be read */
  heads(request: HeadsRequest, signal: AbortSignal): Promise<readonly (readonly number[])[]>
  /** Rows that are much alike; how far it is, and last the report. @throws StudioFailure not-found; cancelled */
  near(question: NearQuestion, signal: AbortSignal): AsyncIterable<NearProgress>
  /** How long rows are in tokens; how far it is, and last all lengths. @throws StudioFailure as `near` */
  tokenLengths(question: TokenLengthsQuestion, signal: AbortSignal): AsyncIterable<TokenLengthsProgress>
  /**
   * Reads a model from elsewhere into a file beside the registry. Yields how far it is, 0 … 1, and last the
   * model.
   * @throws StudioFailure refused-file
   */
  importModel(request: ImportRequest, signal: AbortSignal): AsyncIterable<number | ImportedModel>
  /** @throws StudioFailure when the folder cannot be written or the model has no such form */
  exportModel(request: ExportRequest): Promise<ExportedModel>
  /** @throws StudioFailure when TRL has no such run, or the folder cannot be written */
  project(wish: ProjectWish): Promise<ExportedModel>
  close(): void
}

export function warmProcess(registryPath: string, fork: ForkCompute): WarmProcess {
  const line = warmLine(registryPath, fork)
  return {
    devices: devicesOf(line),
    stream: async function* (request, signal) {
      for await (const pieces of line.stream('texts.stream', request, signal)) yield* pieces
    },
    write: async function* (request, signal) {
      for await (const pieces of line.stream('texts.write', request, signal)) yield* pieces
    },
    longPrompts: (request, signal) => line.ask('queue.prompts', request, signal),
    batch: (request, signal) => line.ask('texts.batch', request, signal),
    score: (request, signal) => line.ask('texts.score', request, signal),
    heads: (request, signal) => line.ask('texts.heads', request, signal),
    near: (question, signal) => line.stream('datasets.near', question, signal),
    tokenLengths: (question, signal) => line.stream('datasets.tokenLengths', question, signal),
    importModel: (request, signal) => line.stream('models.import', request, signal),
    exportModel: (request) => line.ask('models.export', request),
    project: (wish) => line.ask('runs.project', wish),
    close: line.close,
  }
}

function devicesOf(line: WarmLine): WarmProcess['devices'] {
  let known: Promise<readonly Device[]> | undefined
  return () => (known ??= line.ask('devices.list', undefined).catch(noDevice))

  function noDevice(error: unknown): readonly Device[] {
    known = undefined
    if (!(error instanceof StudioFailure)) throw error
    const whyNot = errorText(error.error)
    return [{ id: 'none', name: 'No device', isUsable: false, whyNot, isDefault: true }]
  }
}
