/** What is asked of checkpoints. */
import { z } from 'zod'
import {
  exportFormats,
  exportNumbers,
  type Checkpoint,
  type ExportedModel,
  type ModelImportProgress,
} from '../records/checkpoint'
import { fetched } from '../dataset-schema'
import { id, name } from '../launch-schema'
import { call, stream } from './row'

export const checkpointsCalls = {
  'checkpoints.list': call({}).returns<readonly Checkpoint[]>(),
  'checkpoints.rename': call({ checkpointId: id, name }).returns<Checkpoint>(),
  'checkpoints.remove': call({ checkpointId: id }).returns<void>(),
  /** Writes the model into a new folder of its own inside `folder`, which lies on main's machine. */
  'checkpoints.export': call({
    checkpointId: id,
    format: z.enum(exportFormats),
    /** The form's first unless said. */
    numbers: z.enum(exportNumbers).optional(),
    folder: z.string().min(1).max(4000),
  }).returns<ExportedModel>(),
}

export const checkpointsStreams = {
  /**
   * Brings in a model's folder or file, or an adapter's onto a base, whole or not at all. `path` is local to
   * main.
   */
  'checkpoints.import': stream({
    path: z.string().trim().min(1, 'must not be empty').max(4000),
    name: name.optional(),
    baseId: id.optional(),
  }).of<ModelImportProgress>(),
  /** Fetches the files of a model from the hub that are needed, and imports it. */
  'checkpoints.fetch': stream({ ...fetched, baseId: id.optional() }).of<ModelImportProgress>(),
  /** The list of checkpoints again whenever it changes. */
  'checkpoints.watch': stream({}).of<readonly Checkpoint[]>(),
}
