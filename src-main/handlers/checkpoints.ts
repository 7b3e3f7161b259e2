/** Checkpoints: what runs have left, what came with the program, and what was imported. */
import { rm } from 'node:fs/promises'
import { basename } from 'node:path'
import { nowAndOnChange } from '../changes/topic'
import type { Handlers } from '../border/serve'
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
  'checkpoints.export': async (request) => {
    const library = openLibrary()
    try {
      return await library.exportModel(request)
    } finally {
      library.close()
    }
  },
})

export const checkpointStreams = ({
  db,
  changes,
  now,
  openLibrary,
  uploads,
}: StudioParts): Pick<Handlers['streams'], 'checkpoints.import' | 'checkpoints.watch'> => ({
  async *'checkpoints.import'({ path, name, baseId }, signal) {
    const library = openLibrary()
    try {
      for await (const each of library.importModel({ path, baseId }, signal)) {
        if (typeof each === 'number') {
          yield { share: each }
          continue
        }
        const done = await rowOrNothing(each.path, () =>
          insertCheckpoint(db, {
            ...each,
            ...(baseId !== undefined && {
              baseId,
              licence: termsOf(each.licence, checkpointOf(db, baseId).licence),
            }),
            name: name ?? each.name,
            step: 0,
            importedFrom: basename(path),
            createdAtMs: now(),
          }),
        )
        changes.checkpoints.publish()
        yield { share: 1, done }
      }
    } finally {
      library.close()
      await uploads.discard(path)
    }
  },
  'checkpoints.watch': (_, signal) => nowAndOnChange(changes.checkpoints, () => listCheckpoints(db), signal),
})

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
