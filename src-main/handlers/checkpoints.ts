/** Checkpoints: what runs have left, what came with the program, and what was imported. */
import { rm } from 'node:fs/promises'
import { basename } from 'node:path'
import type { ModelImportProgress } from '../../src-shared/records/checkpoint'
import { nowAndOnChange } from '../changes/topic'
import { inLibrary } from '../processes/library'
import type { Handlers } from '../border/serve'
import type { WarmProcess } from '../processes/warm-process'
import { checkpointOf, insertCheckpoint, listCheckpoints, renameCheckpoint } from '../store/checkpoints'
import { removeCheckpoint } from '../store/remove-checkpoint'
import type { StudioParts } from './studio-parts'

type CheckpointCalls = 'checkpoints.list' | 'checkpoints.rename' | 'checkpoints.remove' | 'checkpoints.export'

export const checkpointCalls = ({
  db,
  changes,
  openLibrary,
}: StudioParts): Pick<Handlers['calls'], CheckpointCalls> => ({
  'checkpoints.list': () => listCheckpoints(db),
  'checkpoints.rename': ({ checkpointId, name }) => {
    const renamed = renameCheckpoint(db, checkpointId, name)
    changes.checkpoints.publish()
    return renamed
  },
  'checkpoints.remove': async ({ checkpointId }) => {
    const files = removeCheckpoint(db, checkpointId)
    changes.checkpoints.publish()
    for (const file of files) await rm(file, { force: true })
  },
  'checkpoints.export': (request) => inLibrary(openLibrary, (library) => library.exportModel(request)),
})

export const checkpointStreams = ({
  db,
  changes,
  now,
  openLibrary,
  uploads,
}: StudioParts): Pick<Handlers['streams'], 'checkpoints.import' | 'checkpoints.watch'> => ({
  async *'checkpoints.import'({ path, name, baseId }, signal) {
    const from = { path, importedFrom: basename(path), ...(name && { name }), ...(baseId && { baseId }) }
    try {
      yield* importedCheckpoint({ db, changes, now, openLibrary }, from, signal)
    } finally {
      await uploads.discard(path)
    }
  },
  'checkpoints.watch': (_, signal) => nowAndOnChange(changes.checkpoints, () => listCheckpoints(db), signal),
})

/** What an import of a model works with. */
export type Importing = Pick<StudioParts, 'db' | 'changes' | 'now'> & {
  readonly openLibrary: () => Pick<WarmProcess, 'importModel' | 'close'>
}

export interface ModelSource {
  readonly path: string
  readonly importedFrom: string
  /** Without it what the model calls itself. */
  readonly name?: string
  readonly baseId?: string
  /** Where the model itself names none. */
  readonly licence?: string
}

/** @throws StudioFailure saying why it is no model that is read; cancelled */
export async function* importedCheckpoint(
  { db, changes, now, openLibrary }: Importing,
  { path, importedFrom, name, baseId, licence = '' }: ModelSource,
  signal: AbortSignal,
): AsyncGenerator<ModelImportProgress> {
  const library = openLibrary()
  const termsBeside = (own: string): string =>
    baseId === undefined ? own : termsOf(own, checkpointOf(db, baseId).licence)
  try {
    for await (const each of library.importModel({ path, baseId }, signal)) {
      if (typeof each === 'number') {
        yield { share: each }
        continue
      }
      const done = await rowOrNothing(each.path, () =>
        insertCheckpoint(db, {
          ...each,
          licence: termsBeside(each.licence || licence),
          ...(baseId !== undefined && { baseId }),
          name: name ?? each.name,
          step: 0,
          importedFrom,
          createdAtMs: now(),
        }),
      )
      changes.checkpoints.publish()
      yield { share: 1, done }
    }
  } finally {
    library.close()
  }
}

/** A file for which no row can be written, because its base is gone or the disk is full, goes too. */
async function rowOrNothing<T>(file: string, insert: () => T): Promise<T> {
  try {
    return insert()
  } catch (error) {
    await rm(file, { force: true })
    throw error
  }
}

/** An adapter is under its own terms and those of its base. */
const termsOf = (own: string, base: string): string =>
  [...new Set([base, own])]
    .filter((licence) => licence !== '')
    .sort()
    .join(', ')
