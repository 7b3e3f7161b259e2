/**
 * An adapter as Hugging Face's PEFT library has it: a folder with adapter_config.json and
 * adapter_model.safetensors, read onto the model it stands on. Source: peft,
 * src/peft/utils/save_and_load.py.
 */
import { readdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { StudioFailure } from '../../../src-shared/result'
import type { ParameterSpec } from '../../compute/parameters'
import { adapterTensors, freeName } from '../adapters/adapter-names'
import { projectionsOf } from '../adapters/adapter-targets'
import { adapterSpec, withAdapters } from '../adapters/adapters'
import type { Adapter, LanguageModel, ModelConfig } from '../model'
import type { Lineage } from '../model-header'
import { openByteFile } from '../weights/byte-file'
import { huggingFaceFormOf } from './hugging-face-config'
import { nameOf } from './hugging-face-folder'
import { readJsonObject } from '../weights/json-file'
import { licenceIn } from './model-card'
import { readAdapterConfig, type DescribedAdapter } from './peft-config'
import { adapterConfigFile, adapterTensorsFile, peftLayout } from './peft-layout'
import { settingsByOurNames, tensorsByOurNames, type Renamed } from './peft-renamed'
import { hasTables, readIntoBase } from './peft-whole'
import { tokenizerIn } from './pretrained'
import { checkTokenizer, readTokenizerFiles } from './tokenizer-files'
import { believed, refuse, refusingFile } from '../weights/refusal'
import { pickledFile } from './refused-formats'
import { readSafetensors } from '../weights/safetensors'
import type { StoredTensor } from '../weights/stored-tensor'
import { placesIn, readPlaces, type Place } from './tensor-places'

/** What a folder's adapter makes of its base. */
export interface ReadAdapter {
  readonly model: LanguageModel
  readonly lineage: Lineage
  /** What to call it where nothing names it. */
  readonly name: string
}

/**
 * @param before is called before each tensor, and may throw to stop.
 * @throws StudioFailure `refused-file`, naming the field or the tensor and what was expected
 */
export async function readPeftFolder(
  path: string,
  base: LanguageModel,
  before: () => void,
): Promise<ReadAdapter> {
  const names = await refusingFile(path, () => readdir(path))
  const renamed = huggingFaceFormOf(base.config)?.renamed
  const described = await readDescription(path, renamed)
  const { madeFor } = described
  const licence = await licenceIn(path, names)
  const lineage = {
    name: nameOf(path),
    source: 'PEFT adapter',
    ...(madeFor !== undefined && { madeFor }),
    ...(licence !== undefined && { licence }),
  }
  const name = adapterName(path)
  const model = await withFile(path, names, async (tensors) => {
    const stored = tensorsByOurNames(tensors, renamed)
    const isWhole = described.whole !== undefined || hasTables(base.config, stored)
    const projections = bearers(described.isTarget, base.config, stored, isWhole)
    const adapters = byRankAndAlpha(described, projections, name, base.adapters ?? [])
    if (isWhole) return readIntoBase({ base, adapters, described, stored }, before)
    const spec = specOfAll(base.config, adapters)
    const own = await readPlaces(spec, adapterPlaces(base.config, adapters, stored), before)
    return {
      ...base,
      parameters: withAdapters(base.parameters, adapters, own),
      adapters: [...(base.adapters ?? []), ...adapters],
    }
  })
  return { model: await withOwnTokens(model, path, names), lineage, name }
}

/** Adapters of ours have one rank and one alpha: as many as there are pairs of these. */
function byRankAndAlpha(
  { rankOf, alphaOf, scaling, dropout }: DescribedAdapter,
  projections: readonly string[],
  name: string,
  others: readonly Adapter[],
): readonly Adapter[] {
  const adapters: Adapter[] = []
  for (const projection of projections) {
    const [rank, alpha] = [rankOf(projection), alphaOf(projection)]
    const index = adapters.findIndex((each) => each.rank === rank && each.alpha === alpha)
    if (index < 0) {
      const own = freeName(name, [...others, ...adapters])
      adapters.push({ name: own, rank, alpha, scaling, dropout, projections: [projection] })
      continue
    }
    const { projections: before, ...adapter } = adapters[index]!
    adapters[index] = { ...adapter, projections: [...before, projection] }
  }
  return adapters
}

const specOfAll = (config: ModelConfig, adapters: readonly Adapter[]): ParameterSpec =>
  Object.fromEntries(adapters.flatMap((adapter) => Object.entries(adapterSpec(config, adapter))))

/** Where more tokens than the base's are saved, their tokenizer stands beside them. */
async function withOwnTokens(
  model: LanguageModel,
  path: string,
  names: readonly string[],
): Promise<LanguageModel> {
  const isGrown = !model.adapters && names.includes('tokenizer.json')
  if (!isGrown) return model
  const files = await readTokenizerFiles(path, names)
  const tokenizer = await refusingFile(join(path, 'tokenizer.json'), async () => {
    checkTokenizer(files, model.config.vocabulary)
    return believed(() => tokenizerIn(files))
  })
  return { ...model, tokenizer }
}

/** What a folder's adapter is, without its numbers. @throws StudioFailure `refused-file` */
export const readDescription = (path: string, renamed?: Renamed): Promise<DescribedAdapter> =>
  refusingFile(join(path, adapterConfigFile), async () =>
    readAdapterConfig(settingsByOurNames(await readJsonObject(join(path, adapterConfigFile)), renamed)),
  )

const adapterName = (path: string): string =>
  basename(path)
    .replace(/[^\w-]+/g, '-')
    .slice(0, 80) || 'adapter'

async function withFile<T>(
  path: string,
  names: readonly string[],
  work: (stored: ReadonlyMap<string, StoredTensor>) => Promise<T>,
): Promise<T> {
  const pickle = names.find((name) => /^adapter_model\.(bin|pt|pth)$/.test(name))
  if (!names.includes(adapterTensorsFile) && pickle !== undefined)
    throw new StudioFailure({ kind: 'refused-file', file: pickle, problem: pickledFile(join(path, pickle)) })
  return refusingFile(join(path, adapterTensorsFile), async () => {
    const file = await openByteFile(join(path, adapterTensorsFile))
    try {
      return await work((await readSafetensors(file)).tensors)
    } finally {
      await file.close()
    }
  })
}

/**
 * The base's projections that bear the adapter.
 * @param mayBeNone of one that saves other things
 * @throws WeightsError when there are none
 */
export function bearers(
  isTarget: DescribedAdapter['isTarget'],
  config: ModelConfig,
  stored: ReadonlyMap<string, StoredTensor>,
  mayBeNone = false,
): readonly string[] {
  const hasTensors = (projection: string): boolean =>
    stored.has(peftLayout(projection, 'lora_A').name) || stored.has(peftLayout(projection, 'lora_B').name)
  const all = projectionsOf(config)
  const projections = all.filter(isTarget ?? hasTensors)
  return projections.length > 0 || mayBeNone
    ? projections
    : refuse(
        `none of its target_modules is a projection of the base, a ${config.architecture}, whose first ` +
          `are ${all.slice(0, 4).join(', ')}`,
      )
}

/** @throws WeightsError naming the tensor that is missing, of another shape or type, or one too many */
export function adapterPlaces(
  config: ModelConfig,
  adapters: readonly Adapter[],
  stored: ReadonlyMap<string, StoredTensor>,
): ReadonlyMap<string, Place> {
  const layouts = new Map(
    adapters.flatMap(({ name, projections }) =>
      projections.flatMap((projection) => {
        const { A, B } = adapterTensors(projection, name)
        return [
          [A, peftLayout(projection, 'lora_A')],
          [B, peftLayout(projection, 'lora_B')],
        ] as const
      }),
    ),
  )
  return placesIn(
    specOfAll(config, adapters),
    stored,
    (name) => layouts.get(name)!,
    () => 'stands on nothing that this adapter’s target_modules and the base have',
  )
}
