/** What a hub offers: looked at when asked for, fetched when asked for, and never otherwise. */
import type { ImportProgress } from '../../src-shared/records/dataset'
import type { ModelImportProgress } from '../../src-shared/records/checkpoint'
import type { Handlers } from '../border/serve'
import { importDataset } from '../datasets/import-dataset'
import { datasetFetching, hubDataset, hubPreview } from '../hub/hub-dataset'
import { hubModel, modelFetching } from '../hub/hub-model'
import { hubSearch } from '../hub/search'
import { besideRegistry } from '../store/checkpoint-files'
import { atTimes } from './at-times'
import { importedCheckpoint, type Importing } from './checkpoints'
import type { StudioParts } from './studio-parts'

type HubCalls = 'hub.search' | 'hub.dataset' | 'hub.preview' | 'hub.model'

type Needed = Pick<StudioParts, 'files' | 'hubAccess'> & Importing

export const hubCalls = ({ hubAccess }: Needed): Pick<Handlers['calls'], HubCalls> => ({
  'hub.search': (request, signal) => hubSearch(hubAccess(), request, signal),
  'hub.dataset': ({ address }, signal) => hubDataset(hubAccess(), address, signal),
  'hub.model': ({ address }, signal) => hubModel(hubAccess(), address, signal),
  'hub.preview': (request, signal) => hubPreview(hubAccess(), request, signal),
})

export const hubStreams = (
  studio: Needed,
): Pick<Handlers['streams'], 'datasets.fetch' | 'checkpoints.fetch'> => ({
  'datasets.fetch': (request, signal) => atTimes(studio.now, fetchedDataset(studio, request, signal)),
  'checkpoints.fetch': (request, signal) => atTimes(studio.now, fetchedModel(studio, request, signal)),
})

type FetchedDataset = Parameters<Handlers['streams']['datasets.fetch']>[0]

/** What was fetched stays until it could be read: asked again with other columns, it need not come again. */
async function* fetchedDataset(
  { db, changes, files, hubAccess, now }: Needed,
  { address, name, ...wish }: FetchedDataset,
  signal: AbortSignal,
): AsyncGenerator<ImportProgress> {
  const parent = besideRegistry(db.path, 'downloads')
  const { notes, ...fetching } = await datasetFetching(hubAccess(), { address, parent }, signal)
  try {
    for await (const download of fetching.progress())
      yield { download, rows: 0, bytesRead: download.bytes, bytesTotal: download.bytesTotal }
    const request = {
      ...wish,
      path: fetching.folder,
      parts: fetching.files,
      name: name ?? fetching.name,
      cameFrom: fetching.cameFrom,
      terms: fetching.terms,
      origin: 'imported' as const,
      createdAtMs: now(),
    }
    for await (const { done, ...progress } of importDataset(db, request, signal, files.read)) {
      if (!done) {
        yield progress
        continue
      }
      changes.datasets.publish()
      await fetching.discard()
      const said = [...notes, ...(done.notes ?? [])]
      yield { ...progress, done: { ...done, ...(said.length > 0 && { notes: said }) } }
    }
  } finally {
    fetching.close()
  }
}

type FetchedModel = Parameters<Handlers['streams']['checkpoints.fetch']>[0]

async function* fetchedModel(
  studio: Needed,
  { address, name, baseId }: FetchedModel,
  signal: AbortSignal,
): AsyncGenerator<ModelImportProgress> {
  const parent = besideRegistry(studio.db.path, 'downloads')
  const fetching = await modelFetching(studio.hubAccess(), { address, parent }, signal)
  try {
    for await (const download of fetching.progress())
      yield { download, share: download.bytesTotal === 0 ? 1 : download.bytes / download.bytesTotal }
    const source = {
      path: fetching.path,
      importedFrom: fetching.cameFrom,
      licence: fetching.licence,
      name: name ?? fetching.name,
      ...(baseId !== undefined && { baseId }),
    }
    for await (const progress of importedCheckpoint(studio, source, signal)) {
      if (progress.done) await fetching.discard()
      yield progress
    }
  } finally {
    fetching.close()
  }
}
