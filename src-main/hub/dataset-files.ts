/**
 * Which files of a repository are which split, as Hugging Face's datasets decides it: by the configs in its card, else
 * by its folders, else by the names of its files.
 */
import { z } from 'zod'
import type { HubConfig, HubSplit } from '../../src-shared/records/hub'
import { matcher } from './file-patterns'
import type { HubFile } from './repository'

/** Endings of files with rows. */
const withRows = /\.(parquet|pq|jsonl|ndjson|json|csv|tsv|txt|arrow)(\.(gz|gzip|zst|zstd|xz|bz2))?$/i
/** What lies beside data: descriptions, and what is hidden. */
const beside =
  /(^|\/)[._]|(^|\/)(dataset_infos?|state|dataset_dict|package|tokenizer[^/]*|requirements)\.(json|txt)$/i

export const hasRows = ({ path, bytes }: HubFile): boolean =>
  withRows.test(path) && !beside.test(path) && bytes > 0

const texts = z.union([z.string(), z.array(z.string())])
const configsSchema = z.object({
  configs: z
    .array(
      z.object({
        config_name: z.coerce.string().catch('default'),
        default: z.boolean().optional(),
        data_dir: z.string().optional().catch(undefined),
        data_files: z
          .union([
            texts,
            z.array(z.object({ split: z.coerce.string(), path: texts })),
            z.record(z.string(), texts),
          ])
          .optional()
          .catch(undefined),
      }),
    )
    .min(1),
})

type CardConfig = z.infer<typeof configsSchema>['configs'][number]

/** @param card what stands at the top of the repository's card */
export function configsOf(card: unknown, files: readonly HubFile[]): readonly HubConfig[] {
  const read = files.filter(hasRows)
  const said = configsSchema.safeParse(card)
  if (!said.success) return [configOf('default', splitsByName(read), true)].filter(hasSplits)
  const { configs } = said.data
  const isNamed = configs.some((config) => config.default === true)
  return configs
    .map((config) => {
      const isDefault = isNamed ? config.default === true : isUsual(config, configs.length)
      return configOf(config.config_name, splitsIn(config, read), isDefault)
    })
    .filter(hasSplits)
}

const isUsual = ({ config_name }: CardConfig, configs: number): boolean =>
  configs === 1 || config_name === 'default'

const hasSplits = ({ splits }: HubConfig): boolean => splits.length > 0

const configOf = (name: string, splits: Splits, isDefault: boolean): HubConfig => ({
  name,
  isDefault,
  splits: [...splits].map(([split, files]) => splitOf(split, files)),
})

/** Of files of several formats, as where a table lies beside its source, those of the commonest count. */
function splitOf(name: string, files: readonly HubFile[]): HubSplit {
  const formats = groups(files)
  const [own = []] = [...formats.values()].toSorted((a, b) => b.length - a.length)
  const sorted = own.toSorted((a, b) => (a.path < b.path ? -1 : 1))
  return {
    name,
    files: sorted.map(({ path }) => path),
    bytes: sorted.reduce((sum, { bytes }) => sum + bytes, 0),
  }
}

type Splits = ReadonlyMap<string, readonly HubFile[]>

function splitsIn({ data_files: said, data_dir: folder }: CardConfig, files: readonly HubFile[]): Splits {
  const inside = folder === undefined ? files : filesUnder(folder, files)
  if (said === undefined) return splitsByName(inside, folder)
  const wanted = asSplits(said)
  const base = folder === undefined ? '' : `${folder.replace(/^\.?\/|\/$/g, '')}/`
  return new Map(
    wanted.flatMap(([split, patterns]) => {
      const matchers = patterns.map((pattern) => matcher(base + pattern.replace(/^\.?\//, '')))
      const found = files.filter(({ path }) => matchers.some((matches) => matches(path)))
      return found.length === 0 ? [] : [[split, found] as const]
    }),
  )
}

const listOf = (said: string | readonly string[]): readonly string[] =>
  typeof said === 'string' ? [said] : said

function asSplits(
  said: NonNullable<CardConfig['data_files']>,
): readonly (readonly [string, readonly string[]])[] {
  if (typeof said === 'string') return [['train', [said]]]
  if (!Array.isArray(said)) return Object.entries(said).map(([split, paths]) => [split, listOf(paths)])
  const plain = said.filter((each) => typeof each === 'string')
  const named = said.flatMap((each) =>
    typeof each === 'string' ? [] : [[each.split, listOf(each.path)] as const],
  )
  return plain.length > 0 ? [['train', plain]] : named
}

export const filesUnder = (folder: string, files: readonly HubFile[]): readonly HubFile[] => {
  const begin = `${folder.replace(/^\.?\/|\/$/g, '')}/`
  return files.filter(({ path }) => path.startsWith(begin))
}

/** "data/train-00000-of-00004.parquet" */
const sharded = /^data\/([^/]+?)-\d{5}-of-\d{5}[^/]*\./

const words: readonly (readonly [string, string])[] = [
  ['train', 'train|training'],
  ['validation', 'validation|valid|dev|val'],
  ['test', 'test|testing|eval|evaluation'],
]
const aside = '[-._ 0-9]'
const inFolder = words.map(
  ([split, word]) => [split, new RegExp(`(^|[/]|${aside})(${word})(${aside}[^/]*)?/`)] as const,
)
const inName = words.map(
  ([split, word]) => [split, new RegExp(`(^|/)([^/]*${aside})?(${word})(${aside}[^/]*)$`)] as const,
)

/** @param folder in which they lie: its own name says nothing */
export function splitsByName(files: readonly HubFile[], folder = ''): Splits {
  const shards = groups(files, ({ path }) => sharded.exec(path)?.[1])
  if (shards.size > 0) return shards
  const base = folder === '' ? '' : `${folder.replace(/^\.?\/|\/$/g, '')}/`
  const inside = (path: string): string => path.slice(base.length)
  for (const rows of [inFolder, inName]) {
    const found = groups(files, ({ path }) => rows.find(([, says]) => says.test(inside(path)))?.[0])
    if (found.size > 0) return inOrder(found)
  }
  return files.length === 0 ? new Map() : new Map([['train', files]])
}

const inOrder = (found: Splits): Splits =>
  new Map(
    words.flatMap(([split]) => {
      const files = found.get(split)
      return files ? [[split, files] as const] : []
    }),
  )

const formatOf = ({ path }: HubFile): string => withRows.exec(path)?.[1]?.toLowerCase() ?? ''

function groups(
  files: readonly HubFile[],
  keyOf: (file: HubFile) => string | undefined = formatOf,
): Map<string, HubFile[]> {
  const found = new Map<string, HubFile[]>()
  for (const file of files) {
    const key = keyOf(file)
    if (key !== undefined) found.set(key, [...(found.get(key) ?? []), file])
  }
  return found
}

/** The tree of tables that the hub makes itself of a dataset in other forms: CONFIG/SPLIT/0000.parquet. */
export function convertedConfigs(files: readonly HubFile[]): readonly HubConfig[] {
  const byConfig = groups(files.filter(hasRows), ({ path }) => path.split('/').at(-3))
  return [...byConfig].map(([name, own]) =>
    configOf(
      name,
      groups(own, ({ path }) => path.split('/').at(-2)),
      byConfig.size === 1 || name === 'default',
    ),
  )
}
