/** What is asked of runs. */
import { z } from 'zod'
import type { Checkpoint, ExportedModel } from '../records/checkpoint'
import {
  queueMoves,
  type ExportedRun,
  type ImportedRun,
  type LogLine,
  type Run,
  type RunCheck,
  type RunsChange,
  type RunUpdate,
} from '../records/run'
import { mostMarked, runMark } from '../records/run-marks'
import type { Sample } from '../records/sample'
import { filePath, id, launch, name } from '../launch-schema'
import { call, stream } from './row'

/** Of a project: more is a matter for those who write their own. */
const mostWorkers = 1024

export const runsCalls = {
  /**
   * The same check that launch makes, for the form: nothing is started. What the run would take of the machine's
   * memory is not there while it has other problems, or for a device that nobody has measured.
   */
  'runs.check': call(launch).returns<RunCheck>(),
  'runs.launch': call(launch).returns<Run>(),
  'runs.stop': call({ runId: id }).returns<void>(),
  'runs.resume': call({ runId: id, device: id.optional() }).returns<Run>(),
  /** Changes the place of a run that waits. @returns the runs whose turn has changed */
  'runs.move': call({ runId: id, move: z.enum(queueMoves) }).returns<readonly Run[]>(),
  /** Starts in turn what waits from before this start of the studio. A window's studio does so by itself. */
  'runs.work': call({}).returns<readonly Run[]>(),
  'runs.rename': call({ runId: id, name }).returns<Run>(),
  'runs.remove': call({ runId: id }).returns<void>(),
  /** Tags, notes, pins and places of several runs, all or none. */
  'runs.mark': call({ marks: z.array(runMark).min(1).max(mostMarked) }).returns<readonly Run[]>(),
  /** Writes a run with all it was made from into a new file, on main's machine. */
  'runs.export': call({ runId: id, path: filePath }).returns<ExportedRun>(),
  /** Writes a run as a project for Ray Train and TRL into a new folder of `folder`, on main's machine. */
  'runs.project': call({
    runId: id,
    folder: filePath,
    workers: z.number().int().min(1).max(mostWorkers),
    useGpu: z.boolean(),
  }).returns<ExportedModel>(),
  /** Brings in the file of a run, whole or not at all; what is here already is recognised. */
  'runs.import': call({ path: filePath }).returns<ImportedRun>(),
  'runs.list': call({}).returns<readonly Run[]>(),
  'runs.show': call({ runId: id }).returns<{
    readonly run: Run
    readonly checkpoints: readonly Checkpoint[]
    readonly samples: readonly Sample[]
    readonly log: readonly LogLine[]
  }>(),
}

export const runsStreams = {
  /**
   * All runs first, then each run again whenever its row changes, with its small curve at most every two seconds. A
   * run that was removed comes as its id alone.
   */
  'runs.changes': stream({}).of<RunsChange>(),
  /**
   * Stored points after `sinceStep`, samples, log and checkpoints first, then live batches, with neither gap
   * nor double.
   */
  'runs.watch': stream({ runId: id, sinceStep: z.number().int().min(-1) }).of<RunUpdate>(),
}
