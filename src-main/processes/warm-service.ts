/**
 * The warm process's end: texts from checkpoints, for Compare and for label queues, and looks at models and devices,
 * while training goes on elsewhere. Each token is one turn of the event loop, so requests under way take turns by
 * themselves.
 */
import { StudioFailure, type StudioError } from '../../src-shared/result'
import type { Wire } from '../../src-shared/wire'
import { answer, type Answers } from '../border/answer'
import { exportedModel, importedModel } from '../checkpoints/model-library'
import { listDevices } from '../compute/devices'
import { machineMemory } from '../compute/machine-memory'
import { nearDuplicates } from '../datasets/near-duplicates'
import { renderedView } from '../datasets/rendered-view'
import { datasetSurveyor, type SurveyDataset } from '../datasets/survey'
import { tokenLengths } from '../datasets/token-lengths'
import { tokensOf } from '../datasets/token-view'
import { checkLaunch } from '../launch/launch-check'
import { memoryNeed } from '../launch/memory-need'
import { checkQueue } from '../launch/queue-check'
import { longQueuePrompts } from '../launch/queue-prompts'
import { UnknownCharacterError } from '../model/tokenizers/character'
import { RenderingError } from '../model/tokenizers/rendering-error'
import { PromptTooLongError } from '../model/writing/sequence'
import { diskFailure } from '../places/disk-failure'
import { openReadOnly } from '../store/database'
import type { ReadableDb } from '../store/handle'
import { bestWritten } from './best-written'
import { bothSides, bySide } from './both-sides'
import type { BatchRequest, WarmContract, WriteProject, WrittenText } from './contract'
import { gathered } from './gathered'
import { byPlace, writtenTexts } from './written-texts'
import { headReader, textScorer, type ScoreTexts, type TextReaders } from './text-scorer'
import { writerShelf, type WriterShelf } from './writer-shelf'

/** Answers main until the wire closes. @throws StudioFailure storage, when the registry cannot be read */
export function serveWarm(wire: Wire, registryPath: string, writeProject: WriteProject): void {
  const db = openReadOnly(registryPath)
  const answers = warmAnswers(db, writerShelf(db), datasetSurveyor(db), {
    score: textScorer(db),
    heads: headReader(db),
    writeProject,
  })
  answer(wire, answers, {
    read: (kind, name, input) => {
      if (!Object.hasOwn(answers[kind], name)) throw new Error(`no row ${name}`)
      return input
    },
    errorOf: (_, thrown) => errorOf(thrown),
    reportBug: (where, error) => console.error(where, error),
  })
}

const warmAnswers = (
  db: ReadableDb,
  writers: WriterShelf,
  survey: SurveyDataset,
  { score, heads, writeProject }: TextReaders & { readonly writeProject: WriteProject },
): Answers<WarmContract> => ({
  calls: {
    'devices.list': () => listDevices(),
    'memory.need': (run) => memoryNeed(run),
    'launch.check': ({ request, devices }) =>
      checkLaunch({ db, survey, devices: () => Promise.resolve(devices), machineMemory }, request),
    'queue.check': (request) => checkQueue(db, survey, request),
    'queue.prompts': (request) => longQueuePrompts(db, request),
    'texts.tokens': (request) => tokensOf(db, survey, request),
    'texts.rendered': (request) => renderedView(db, request),
    'texts.batch': (request, signal) => writeBatch(request, { writers, score }, signal),
    'texts.score': (request) => score(request),
    'texts.heads': (request) => heads(request),
    'models.export': (request) => exportedModel(db, request),
    'runs.project': (request) => writeProject(db, request),
  },
  streams: {
    'texts.stream': (request, signal) => gathered(bothSides(request, { writers, score }, signal), bySide),
    'texts.write': (request, signal) => gathered(writtenTexts(request, writers, signal), byPlace),
    'datasets.near': (question, signal) => nearDuplicates(db, question, signal),
    'datasets.tokenLengths': (question, signal) => tokenLengths(db, question, signal),
    'models.import': (request, signal) => importedModel(db, request, signal),
  },
})

async function writeBatch(
  { checkpointId, prompts, sampling }: BatchRequest,
  { writers, score }: { readonly writers: WriterShelf; readonly score: ScoreTexts },
  signal: AbortSignal,
): Promise<readonly WrittenText[]> {
  const { writer, putBack } = await writers.take(checkpointId)
  try {
    const found = await bestWritten({ writer, score }, prompts, sampling, signal)
    return found.map(({ text, tokens, hasEnded }) => ({ text, tokens, hasEnded }))
  } finally {
    putBack()
  }
}

function errorOf(thrown: unknown): StudioError {
  if (thrown instanceof StudioFailure) return thrown.error
  if (
    thrown instanceof PromptTooLongError ||
    thrown instanceof UnknownCharacterError ||
    thrown instanceof RenderingError
  )
    return { kind: 'invalid-input', field: 'prompt', problem: `cannot be read: ${thrown.message}` }
  const refused = diskFailure(thrown)
  if (refused) return refused.error
  console.error(thrown)
  return {
    kind: 'compute-failed',
    problem: `The model could not be run: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
  }
}
