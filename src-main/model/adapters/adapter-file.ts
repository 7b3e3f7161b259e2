/**
 * Adapters as a file of their own: their matrices and a head, with what they are and the file of the model
 * they stand on, by its place from here and a checksum of its weights. Numbers of the base are never written
 * twice.
 */
import { basename, dirname, relative, resolve } from 'node:path'
import { crc32 } from 'node:zlib'
import { layersOf, type Parameters, type ParameterSpec } from '../../compute/parameters'
import { projectionsOf } from './adapter-targets'
import { adapterSpec } from './adapters'
import type { Adapter, Model, ModelConfig, RewardHead } from '../model'
import { specOf, trunkSpec } from '../trunk-parameters'
import { refuse } from '../weights/refusal'

export const adapterFormat = 'rlhf-studio adapter 1'

/** The model beneath, as the file of its adapters names it. */
export interface BaseFile {
  /** From the folder of the adapters' file, with "/" between. */
  readonly file: string
  /** CRC-32 of the trunk's numbers, in the order of its spec: hexadecimal. */
  readonly checksum: string
}

/** What a file of adapters holds: their matrices, and what stands beside the trunk. */
export function adapterFileSpec(
  kind: Model['kind'],
  config: ModelConfig,
  adapters: readonly Adapter[],
  head?: RewardHead,
): ParameterSpec {
  const trunk = trunkSpec(config)
  const heads = Object.entries(specOf(kind, config, head)).filter(([name]) => !Object.hasOwn(trunk, name))
  return Object.assign(
    {},
    ...adapters.map((adapter) => adapterSpec(config, adapter)),
    Object.fromEntries(heads),
  ) as ParameterSpec
}

/** Says that parameters are those of another file's in fewer bits: what stands on them names that file. */
export function rememberSame(held: Parameters, read: Parameters): void {
  const origin = origins.get(read)
  if (origin) origins.set(held, origin)
  sameNumbers.set(held, read)
}

/** What was read before it was held in fewer bits, as long as its checksum is not known. */
const sameNumbers = new WeakMap<Parameters, Parameters>()

/** Of parameters that were read in full and are held in fewer bits. */
export const rememberChecksum = (parameters: Parameters, sum: number): void =>
  void checksums.set(parameters, hexadecimal(sum))

interface Origin {
  readonly path: string
  readonly name: string
}
const origins = new WeakMap<Parameters, Origin>()

/**
 * Remembers which file a model's parameters were read from, and what people call it, as long as they live.
 */
export function rememberFile(
  parameters: Parameters,
  path: string,
  { run, update, name }: Readonly<Record<string, string>>,
): void {
  origins.set(parameters, {
    path: resolve(path),
    name: run === undefined ? (name ?? basename(path)) : `${run}, update ${update ?? '?'}`,
  })
}

/**
 * What the adapters of a model stand on.
 * @param path of their own file.
 * @throws Error when it was not read from a file, or not as it is now
 */
export function baseOf({ config, parameters }: Model, path: string): BaseFile & { readonly name: string } {
  const trunk = trunkSpec(config)
  let base = parameters
  for (let layers = layersOf(base); layers; layers = layersOf(base)) {
    const changed = Object.keys(layers.own.spec).find((name) => Object.hasOwn(trunk, name))
    if (changed !== undefined)
      throw new Error(`the model beneath these adapters is in no file: its "${changed}" was trained`)
    base = layers.frozen
  }
  const origin = origins.get(base)
  if (!origin)
    throw new Error('the model beneath these adapters is in no file: save it first, and load it from there')
  return {
    file: relative(dirname(resolve(path)), origin.path).replaceAll('\\', '/'),
    checksum: checksumOf(base, config),
    name: origin.name,
  }
}

/**
 * @param said what to call the base.
 * @throws WeightsError when it is not the one the adapters were trained on
 */
export function checkBase(base: Model, config: ModelConfig, { checksum }: BaseFile, said: string): void {
  if (JSON.stringify(base.config) !== JSON.stringify(config))
    refuse(`${said} has another architecture or other sizes`)
  if (checksumOf(base.parameters, config) !== checksum)
    refuse(`${said} has other weights than when it was trained`)
}

const checksums = new WeakMap<Parameters, string>()

/** Of parameters that do not change any more. */
function checksumOf(parameters: Parameters, config: ModelConfig): string {
  const known = checksums.get(parameters)
  if (known !== undefined) return known
  const { view } = sameNumbers.get(parameters) ?? parameters
  const sum = hexadecimal(Object.keys(trunkSpec(config)).reduce((sum, name) => crc32(view(name), sum), 0))
  checksums.set(parameters, sum)
  return sum
}

const hexadecimal = (sum: number): string => sum.toString(16).padStart(8, '0')

/**
 * The adapters a file speaks of.
 * @throws WeightsError when one is not whole, or stands on a projection the model does not have
 */
export function parsedAdapters(found: unknown, config: ModelConfig): readonly Adapter[] {
  if (!Array.isArray(found) || found.length === 0) return refuse('it lists no adapters')
  const projections = new Set(projectionsOf(config))
  const adapters = found.map((each) => parsedAdapter(each, projections))
  const twice = adapters.find(({ name }, place) => adapters.findIndex((each) => each.name === name) !== place)
  if (twice) refuse(`two of its adapters are called “${twice.name}”`)
  return adapters
}

function parsedAdapter(found: unknown, known: ReadonlySet<string>): Adapter {
  const { name, rank, alpha, scaling, dropout, projections } = (
    typeof found === 'object' && found !== null ? found : {}
  ) as Record<string, unknown>
  if (typeof name !== 'string' || !/^[\w-]{1,100}$/.test(name))
    return refuse('one of its adapters has no proper name')
  const proper = (isProper: boolean, what: string): void => {
    if (!isProper) refuse(`its adapter “${name}” has no proper ${what}`)
  }
  proper(Number.isSafeInteger(rank) && (rank as number) >= 1 && (rank as number) <= 65_536, 'rank')
  proper(Number.isFinite(alpha) && (alpha as number) > 0, 'alpha')
  proper(scaling === 'by-rank' || scaling === 'by-root-of-rank', 'scaling')
  proper(Number.isFinite(dropout) && (dropout as number) >= 0 && (dropout as number) < 1, 'dropout')
  proper(
    Array.isArray(projections) &&
      projections.length > 0 &&
      projections.every((each) => known.has(each as string)) &&
      new Set(projections).size === projections.length,
    'list of projections',
  )
  return { name, rank, alpha, scaling, dropout, projections } as Adapter
}

/** @throws WeightsError when the file does not say what its adapters stand on */
export function parsedBase({ file, checksum }: Readonly<Record<string, unknown>>): BaseFile {
  if (
    typeof file !== 'string' ||
    file === '' ||
    typeof checksum !== 'string' ||
    !/^[0-9a-f]{8}$/.test(checksum)
  )
    return refuse('it does not say which model it stands on')
  return isBeside(file)
    ? { file, checksum }
    : refuse(`it stands on “${file.slice(0, 200)}”, which is not in its own folder or in one beside it`)
}

/**
 * Checkpoints lie in folders beside each other: a base is in the adapters' own folder or in one beside it, and a file
 * of someone else's leads nowhere else.
 */
const isBeside = (file: string): boolean => {
  const parts = file.split('/')
  const inside = parts.length === 3 && parts[0] === '..' ? parts.slice(1) : parts
  return (
    inside.length === (parts.length === 3 ? 2 : 1) && inside.every((part) => /^(?!\.+$)[^\\:]+$/.test(part))
  )
}

/** Where the base lies, absolute. */
export const pathOfBase = (path: string, { file }: BaseFile): string => resolve(dirname(path), file)
