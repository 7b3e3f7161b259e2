/** A process that reads or writes one model, or a project, and is then ended. */
import { StudioFailure } from '../../src-shared/result'
import type { ImportedModel, ImportRequest } from '../checkpoints/model-library'
import type { WarmProcess } from './warm-process'

export type Library = Pick<WarmProcess, 'importModel' | 'exportModel' | 'project' | 'close'>

export async function inLibrary<L extends Pick<Library, 'close'>, T>(
  open: () => L,
  work: (library: L) => Promise<T>,
): Promise<T> {
  const library = open()
  try {
    return await work(library)
  } finally {
    library.close()
  }
}

/** A model of others as one of ours; how far it is, nobody is told. @throws StudioFailure refused-file */
export async function takenModel(
  library: Pick<Library, 'importModel'>,
  request: ImportRequest,
): Promise<ImportedModel> {
  for await (const each of library.importModel(request, new AbortController().signal))
    if (typeof each !== 'number') return each
  throw new StudioFailure({ kind: 'cancelled' })
}
