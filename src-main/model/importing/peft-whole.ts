/**
 * An adapter that changes more of its base than products of narrow matrices can: whole modules saved beside it, weights
 * that are normed anew (DoRA, Liu et al. 2024), biases, tables of tokens. It is put into the base, which is a model of
 * its own then. Source: peft, src/peft/tuners/lora/dora.py, layer.py and model.py.
 */
import { allocate, type Parameters } from '../../compute/parameters'
import { adapterTensors } from '../adapters/adapter-names'
import { isStoredBack } from '../adapters/adapter-targets'
import { adapterSpec, addProduct, merged, scaleOf } from '../adapters/adapters'
import type { Adapter, LanguageModel, ModelConfig } from '../model'
import { architectureOf } from '../model-config'
import { trunkSpec } from '../trunk-parameters'
import type { Layout } from '../weights/layout'
import { refuse } from '../weights/refusal'
import type { StoredTensor } from '../weights/stored-tensor'
import { huggingFaceFormOf } from './hugging-face-config'
import { huggingFaceLayout } from './hugging-face-layout'
import type { DescribedAdapter, WholeParts } from './peft-config'
import { peftLayout } from './peft-layout'
import { rowsName, rowsOf } from './peft-tokens'
import { placesIn, readPlaces } from './tensor-places'

export interface WholeAdapter {
  readonly base: LanguageModel
  readonly adapters: readonly Adapter[]
  readonly described: DescribedAdapter
  readonly stored: ReadonlyMap<string, StoredTensor>
}

/** The model that base and adapter are together. @param before is called before each tensor, and may throw to stop */
export async function readIntoBase(adapter: WholeAdapter, before: () => void): Promise<LanguageModel> {
  const { base, adapters, described, stored } = adapter
  const parts = described.whole ?? noParts
  const model = reshaped(merged(base), savedTables(base.config, parts, stored))
  const table = tableOf(model.config)
  const rank = stored.get(`${theirs(table)}.lora_embedding_A`)?.shape[0]
  const saved = savedNames(model.config, parts, adapters, stored)
  const spec: Record<string, readonly number[]> = {}
  const layouts = new Map<string, Layout>()
  const want = (name: string, shape: readonly number[], layout: Layout): void => {
    spec[name] = shape
    layouts.set(name, layout)
  }
  for (const each of adapters) wantMatrices(model.config, each, parts, want)
  for (const name of saved)
    want(name, trunkSpec(model.config)[name]!, savedLayout(model.config, name, stored))
  if (rank !== undefined) wantTable(model.config, rank, want)
  const learned = learnedRows(model.config, parts)
  for (const { name, ids } of learned) want(name, [ids.length, model.config.width], plainly(theirs(name)))
  const read = await readPlaces(
    spec,
    placesIn(spec, stored, (name) => layouts.get(name)!, strangerTo),
    before,
  )
  for (const name of saved) model.parameters.view(name).set(read.view(name))
  for (const each of adapters) addAdapter(model.parameters, read, each, parts.isDora)
  if (rank !== undefined) addToTable(model, read, described, rank)
  for (const each of learned) setRows(model, read, each)
  return model
}

type Want = (name: string, shape: readonly number[], layout: Layout) => void

const noParts: WholeParts = { isDora: false, modules: [], biases: 'none', rows: new Map() }
const theirs = (name: string): string => `base_model.model.${name}`

/** Of tables that are saved PEFT may write the first values too, and the last ones twice. */
const strangerTo = (name: string): string | undefined =>
  /\.(modules_to_save|original_module|base_layer)\.weight$/.test(name)
    ? undefined
    : 'stands on nothing that this adapter’s settings and the base have'

/** Whether a file holds tables of tokens, whole or as narrow matrices, whatever its settings say. */
export const hasTables = (config: ModelConfig, stored: ReadonlyMap<string, StoredTensor>): boolean =>
  stored.has(`${theirs(tableOf(config))}.lora_embedding_A`) ||
  tablesOf(config).some((name) => storedTable(name, stored) !== undefined)

interface Learned {
  readonly table: string
  readonly ids: readonly number[]
  /** Of the tensor that has them. */
  readonly name: string
}

const plainly = (name: string): Layout => ({ name, isTransposed: false })

/** Rows of tables that are learned by themselves. */
function learnedRows(config: ModelConfig, { rows }: WholeParts): readonly Learned[] {
  const spec = trunkSpec(config)
  return tablesOf(config).flatMap((table) => {
    const ids = rowsOf(rows, table, { spec, isEmbedding: table === tableOf(config) })
    return ids.length === 0 ? [] : [{ table, ids, name: rowsName(table) }]
  })
}

function setRows(
  { config, parameters }: LanguageModel,
  read: Parameters,
  { table, ids, name }: Learned,
): void {
  const rows = parameters.view(`${table}.weight`)
  const values = read.view(name)
  for (const [i, id] of ids.entries())
    rows.set(values.subarray(i * config.width, (i + 1) * config.width), id * config.width)
}

/** A table that is saved: itself, or beneath its narrow matrices. */
const storedTable = (name: string, stored: ReadonlyMap<string, StoredTensor>): StoredTensor | undefined =>
  stored.get(`${theirs(name)}.weight`) ?? stored.get(`${theirs(name)}.base_layer.weight`)

/** The embedding of tokens and the output matrix. */
const tablesOf = (config: ModelConfig): readonly string[] => [
  tableOf(config),
  architectureOf(config).outputMatrix,
]
const magnitude = (projection: string): string => `${projection}.lora_magnitude_vector`

function wantMatrices(config: ModelConfig, adapter: Adapter, { isDora }: WholeParts, want: Want): void {
  const shapes = adapterSpec(config, adapter)
  for (const projection of adapter.projections) {
    const { A, B } = adapterTensors(projection, adapter.name)
    want(A, shapes[A]!, peftLayout(projection, 'lora_A'))
    want(B, shapes[B]!, peftLayout(projection, 'lora_B'))
    if (isDora)
      want(magnitude(projection), [shapes[B]![1]!], {
        name: theirs(magnitude(projection)),
        isTransposed: false,
      })
  }
}

/** Of the token table PEFT's matrices are the other way round, and have no ".weight". */
function wantTable(config: ModelConfig, rank: number, want: Want): void {
  const table = tableOf(config)
  const [rows, width] = trunkSpec(config)[`${table}.weight`] as [number, number]
  const layout = (part: string): Layout => ({ name: `${theirs(table)}.${part}`, isTransposed: true })
  want('lora_embedding_A', [rows, rank], layout('lora_embedding_A'))
  want('lora_embedding_B', [rank, width], layout('lora_embedding_B'))
}

/** The embedding of tokens, without ".weight". */
const tableOf = (config: ModelConfig): string => {
  const spec = trunkSpec(config)
  return architectureOf(config)
    .embeddings.find((name) => spec[name]?.[0] === config.vocabulary)!
    .slice(0, -'.weight'.length)
}

/** Tensors of the trunk that are saved whole: those of modules, and biases. */
function savedNames(
  config: ModelConfig,
  { modules, biases }: WholeParts,
  adapters: readonly Adapter[],
  stored: ReadonlyMap<string, StoredTensor>,
): readonly string[] {
  const bearers = new Set(adapters.flatMap(({ projections }) => projections))
  return Object.keys(trunkSpec(config)).filter((name) => {
    const module = name.replace(/\.(weight|bias)$/, '')
    if (modules.some((each) => module.endsWith(each))) return true
    if (tablesOf(config).includes(module) && storedTable(module, stored)) return true
    return name.endsWith('.bias') && (biases === 'all' || (biases === 'lora_only' && bearers.has(module)))
  })
}

/** What bears narrow matrices is saved as the layer beneath them. */
function savedLayout(config: ModelConfig, name: string, stored: ReadonlyMap<string, StoredTensor>): Layout {
  const layout = huggingFaceLayout(huggingFaceFormOf(config)!, name)
  const beneath = theirs(layout.name.replace(/\.(weight|bias)$/, '.base_layer.$1'))
  const isBeneath = stored.has(beneath) && !stored.has(theirs(layout.name))
  return { ...layout, name: isBeneath ? beneath : theirs(layout.name) }
}

interface Tables {
  readonly rows: number
  readonly isTied: boolean
}

/** How many rows tables of tokens have with what is saved of them, and whether they are still one. */
function savedTables(
  config: ModelConfig,
  { modules }: WholeParts,
  stored: ReadonlyMap<string, StoredTensor>,
): Tables {
  const isTied = 'isTied' in config && config.isTied
  const names = tablesOf(config)
  const saved = names.filter(
    (name) => modules.some((module) => name.endsWith(module)) || storedTable(name, stored) !== undefined,
  )
  const rows = saved.map((name) => storedTable(name, stored)?.shape[0] ?? config.vocabulary)
  const [first = config.vocabulary] = rows
  const isWhole = saved.length === names.length
  if (rows.some((each) => each !== first) || (first !== config.vocabulary && !isWhole && !isTied))
    refuse(`its tables of tokens have ${rows.join(' and ')} rows, and the base ${config.vocabulary}`)
  const touched = saved.length > 0 || stored.has(`${theirs(names[0]!)}.lora_embedding_A`)
  return { rows: first, isTied: isTied && !touched }
}

/** The same model with more or fewer rows of tokens, or an output matrix of its own. */
function reshaped(model: LanguageModel, { rows, isTied }: Tables): LanguageModel {
  const { config, parameters } = model
  const own = 'isTied' in config && config.isTied !== isTied ? { isTied } : {}
  if (rows === config.vocabulary && !('isTied' in own)) return model
  const changed = { ...config, ...own, vocabulary: rows } as ModelConfig
  const made = allocate(trunkSpec(changed))
  const output = `${architectureOf(config).outputMatrix}.weight`
  for (const name of Object.keys(made.spec)) {
    const from = Object.hasOwn(parameters.spec, name) || name !== output ? name : `${tableOf(config)}.weight`
    const held = parameters.view(from)
    const into = made.view(name)
    into.set(held.subarray(0, into.length))
  }
  return { ...model, config: changed, parameters: made }
}

function addAdapter(parameters: Parameters, read: Parameters, adapter: Adapter, isDora: boolean): void {
  for (const projection of adapter.projections) {
    const { A, B } = adapterTensors(projection, adapter.name)
    const w = parameters.view(`${projection}.weight`)
    const isBack = isStoredBack(projection)
    addProduct(w, read.view(A), read.view(B), { rank: adapter.rank, scale: scaleOf(adapter), isBack })
    if (isDora) norm(w, read.view(magnitude(projection)), isBack)
  }
}

/** Liu et al. 2024, Eq. 5: what leads to each output has the length that was learned. @param lengths [out] */
function norm(w: Float32Array, lengths: Float32Array, isBack: boolean): void {
  const outside = lengths.length
  const inside = w.length / outside
  const at = (i: number, o: number): number => (isBack ? o * inside + i : i * outside + o)
  for (let o = 0; o < outside; o++) {
    let squared = 0
    for (let i = 0; i < inside; i++) squared += w[at(i, o)]! ** 2
    const factor = lengths[o]! / Math.sqrt(squared)
    for (let i = 0; i < inside; i++) w[at(i, o)]! *= factor
  }
}

function addToTable(
  { config, parameters }: LanguageModel,
  read: Parameters,
  described: DescribedAdapter,
  rank: number,
): void {
  const table = tableOf(config)
  addProduct(
    parameters.view(`${table}.weight`),
    read.view('lora_embedding_A'),
    read.view('lora_embedding_B'),
    {
      rank,
      scale: scaleOf({ rank, alpha: described.alphaOf(table), scaling: described.scaling }),
      isBack: false,
    },
  )
}
