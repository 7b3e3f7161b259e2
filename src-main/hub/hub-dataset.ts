/** A dataset on the hub: what it holds, its first rows, and its files for an import. */
import type { ReadingWish } from '../../src-shared/records/dataset'
import type { HubConfig, HubDataset, HubPreview, HubSplit } from '../../src-shared/records/hub'
import { previewFile } from '../data/import-preview'
import { datasetAddress, type DatasetAddress } from './address'
import type { HubAccess } from './access'
import { configsOf, convertedConfigs, filesUnder, hasRows, splitsByName } from './dataset-files'
import { fetching, type Fetching } from './downloads'
import { hubOf, type Hub } from './hub'
import { hubFailure } from './hub-failure'
import { remoteFile } from './remote-file'
import { repositoryOf, type HubFile, type Repository } from './repository'

/** Where the hub keeps the tables that it made of a dataset in another form. */
const converted = 'refs/convert/parquet'

interface Found {
  readonly hub: Hub
  readonly repository: Repository
  readonly configs: readonly HubConfig[]
}

/** What is shown before anything is fetched. @throws StudioFailure hub-failed */
export async function hubDataset(access: HubAccess, typed: string, signal: AbortSignal): Promise<HubDataset> {
  const { repository, configs } = await foundAt(access, datasetAddress(typed), signal)
  const { name, commit, licence, isGated, downloads, page } = repository
  return { name, commit, licence, isGated, downloads, page, configs }
}

async function foundAt(
  access: HubAccess,
  { name, config }: DatasetAddress,
  signal: AbortSignal,
): Promise<Found> {
  const hub = hubOf(access, { kind: 'datasets', name }, signal)
  const repository = await repositoryOf(hub, { kind: 'datasets', name })
  const configs = configsOf(repository.card, repository.files)
  const isKnown = config === undefined || configs.some((each) => each.name === config)
  const inFolder = isKnown ? undefined : folderConfig(config, repository.files)
  if (inFolder) return { hub, repository, configs: [...configs, inFolder] }
  if (configs.length > 0) return { hub, repository, configs }
  return convertedAt(hub, name, repository)
}

/** A folder of the repository may be asked for like a config. */
function folderConfig(folder: string, files: readonly HubFile[]): HubConfig | undefined {
  const splits = splitsByName(filesUnder(folder, files.filter(hasRows)), folder)
  if (splits.size === 0) return undefined
  return {
    name: folder,
    isDefault: false,
    splits: [...splits].map(([name, own]) => ({
      name,
      files: own.map(({ path }) => path),
      bytes: own.reduce((sum, { bytes }) => sum + bytes, 0),
    })),
  }
}

async function convertedAt(hub: Hub, name: string, original: Repository): Promise<Found> {
  const repository = await repositoryOf(hub, { kind: 'datasets', name, revision: converted }).catch(
    () => undefined,
  )
  const configs = repository ? convertedConfigs(repository.files) : []
  if (!repository || configs.length === 0)
    throw hubFailure(
      `${name} holds no files with rows that are read here (Parquet, Arrow, JSON, CSV, TSV, text). ` +
        `What it holds is at ${original.page}.`,
    )
  const { licence, isGated, downloads } = original
  return { hub, repository: { ...repository, licence, isGated, downloads }, configs }
}

interface Chosen extends Found {
  readonly config: string
  readonly split: HubSplit
  readonly files: readonly HubFile[]
  /** Splits of the config that were not asked for. */
  readonly others: readonly string[]
}

/** @throws StudioFailure hub-failed, naming what there is, where it must be said which */
async function chosenAt(access: HubAccess, typed: string, signal: AbortSignal): Promise<Chosen> {
  const address = datasetAddress(typed)
  const found = await foundAt(access, address, signal)
  const config = configIn(found.configs, address)
  const split = splitIn(config, address)
  const files = split.files.flatMap((path) => found.repository.files.filter((file) => file.path === path))
  const others = config.splits.flatMap(({ name }) => (name === split.name ? [] : [name]))
  return { ...found, config: config.name, split, files, others }
}

const most = 20
const listed = (names: readonly string[]): string =>
  names.slice(0, most).join(', ') + (names.length > most ? ` and ${names.length - most} more` : '')

function configIn(configs: readonly HubConfig[], { name, config }: DatasetAddress): HubConfig {
  const wanted = configs.find((each) => (config === undefined ? each.isDefault : each.name === config))
  if (wanted) return wanted
  const all = listed(configs.map((each) => each.name))
  throw hubFailure(
    config === undefined
      ? `${name} holds several sets: ${all}. Say which, like hf:${name}/${configs[0]?.name}.`
      : `${name} has no “${config}”. It has ${all}.`,
  )
}

function splitIn(config: HubConfig, { name, split }: DatasetAddress): HubSplit {
  const { splits } = config
  const only = splits.length === 1 ? splits[0] : splits.find((each) => each.name === 'train')
  const wanted = split === undefined ? only : splits.find((each) => each.name === split)
  if (wanted) return wanted
  const all = listed(splits.map((each) => each.name))
  throw hubFailure(
    split === undefined
      ? `${name} has the splits ${all}. Say which, like hf:${name}@${splits[0]?.name}.`
      : `${name} has no split “${split}”. It has ${all}.`,
  )
}

const rowsShown = 20
/** Rows looked at for their columns: nobody waits for a thousand long ones from afar. */
const rowsLookedAt = 200

/** Its first rows, of which only so many bytes are fetched as hold them. @throws StudioFailure */
export async function hubPreview(
  access: HubAccess,
  { address, ...wish }: { readonly address: string } & ReadingWish,
  signal: AbortSignal,
): Promise<HubPreview> {
  const { hub, repository, config, split, files } = await chosenAt(access, address, signal)
  const [file] = files
  if (!file) throw hubFailure(`${repository.name} has no file of ${split.name}.`)
  const elsewhere = remoteFile(hub, hub.fileUrl(repository.commit, file.path), file)
  const preview = await previewFile(
    file.path,
    { ...wish, elsewhere },
    { lookedAt: rowsLookedAt, shown: rowsShown },
  )
  return { ...preview, file: file.path, config, split: split.name }
}

export interface DatasetFetching extends Fetching {
  /** What the dataset is called before anyone names it. */
  readonly name: string
  readonly cameFrom: string
  readonly terms: string
  readonly notes: readonly string[]
}

/** @param parent folder of all downloads */
export async function datasetFetching(
  access: HubAccess,
  { address, parent }: { readonly address: string; readonly parent: string },
  signal: AbortSignal,
): Promise<DatasetFetching> {
  const { hub, repository, configs, config, split, files, others } = await chosenAt(access, address, signal)
  const { name, licence, page, commit } = repository
  const own = name.split('/').at(-1) ?? name
  const isOnlyConfig = configs.length === 1
  return {
    ...fetching(hub, repository, files, parent),
    name: [own, ...(isOnlyConfig ? [] : [config]), ...(others.length === 0 ? [] : [split.name])].join(' '),
    cameFrom: `hf:${name}${isOnlyConfig ? '' : `/${config}`}@${split.name}`,
    terms: `From ${page} at ${commit.slice(0, 12)}; its licence: ${licence || 'not said'}.`,
    notes:
      others.length === 0 ? [] : [`Of its splits ${split.name} was read; it has also ${listed(others)}.`],
  }
}
