/** What a hub offers: looked at when asked for, fetched when asked for, and never otherwise. */
import type { ImportProgress } from '../../src-shared/records/dataset'
import type { Handlers } from '../border/serve'
import { importDataset } from '../datasets/import-dataset'
import { datasetFetching, hubDataset, hubPreview } from '../hub/hub-dataset'
import { hubSearch } from '../hub/search'
import { besideRegistry } from '../store/checkpoint-files'
import { atTimes } from './at-times'
import type { StudioParts } from './studio-parts'

type HubCalls = 'hub.search' | 'hub.dataset' | 'hub.preview'

type Needed = Pick<StudioParts, 'db' | 'changes' | 'files' | 'hubAccess' | 'now'>

export const hubCalls = ({ hubAccess }: Needed): Pick<Handlers['calls'], HubCalls> => ({
  'hub.search': (request, signal) => hubSearch(hubAccess(), request, signal),
  'hub.dataset': ({ address }, signal) => hubDataset(hubAccess(), address, signal),
  'hub.preview': (request, signal) => hubPreview(hubAccess(), request, signal),
})

export const hubStreams = (studio: Needed): Pick<Handlers['streams'], 'datasets.fetch'> => ({
  'datasets.fetch': (request, signal) => atTimes(studio.now, fetchedDataset(studio, request, signal)),
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
