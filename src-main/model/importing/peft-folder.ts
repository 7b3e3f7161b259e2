/**
 * An adapter as Hugging Face's PEFT library has it: a folder with adapter_config.json and
 * adapter_model.safetensors, read onto the model it stands on. Source: peft,
 * src/peft/utils/save_and_load.py.
 */
import { readdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { StudioFailure } from '../../../src-shared/result'
import type { Parameters } from '../../compute/parameters'
import { adapterTensors, freeName } from '../adapters/adapter-names'
import { projectionsOf } from '../adapters/adapter-targets'
import { adapterSpec } from '../adapters/adapters'
import type { Adapter, LanguageModel, ModelConfig } from '../model'
import type { Lineage } from '../model-header'
import { openByteFile } from '../weights/byte-file'
import { nameOf } from './hugging-face-folder'
import { readJsonObject } from '../weights/json-file'
import { licenceIn } from './model-card'
import { readAdapterConfig, type DescribedAdapter } from './peft-config'
import { refuse, refusingFile } from '../weights/refusal'
import { pickledFile } from './refused-formats'
import { readSafetensors } from '../weights/safetensors'
import type { StoredTensor } from '../weights/stored-tensor'
import type { Layout } from '../weights/layout'
import { placesIn, readPlaces, type Place } from './tensor-places'

export const adapterConfigFile = 'adapter_config.json'
export const adapterTensorsFile = 'adapter_model.safetensors'

/** PEFT's matrices are linear layers of PyTorch's: [out, in]. */
export const peftLayout = (projection: string, part: 'lora_A' | 'lora_B'): Layout => ({
  name: `base_model.model.${projection}.${part}.weight`,
  isTransposed: true,
})

export interface ReadAdapter {
  readonly adapter: Adapter
  /** Its matrices alone. */
  readonly own: Parameters
  readonly lineage: Lineage
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
  const { madeFor, ...described } = await readDescription(path)
  const name = freeName(adapterName(path), base.adapters ?? [])
  const licence = await licenceIn(path, names)
  const lineage = {
    name: nameOf(path),
    source: 'PEFT adapter',
    ...(madeFor !== undefined && { madeFor }),
    ...(licence !== undefined && { licence }),
  }
  return withFile(path, names, async (stored) => {
    const { isTarget, ...settings } = described
    const projections = bearers(isTarget, base.config, stored)
    const adapter = { name, ...settings, projections }
    const spec = adapterSpec(base.config, adapter)
    return {
      adapter,
      own: await readPlaces(spec, adapterPlaces(base.config, adapter, stored), before),
      lineage,
    }
  })
}

/** What a folder's adapter is, without its numbers. @throws StudioFailure `refused-file` */
export const readDescription = (path: string): Promise<DescribedAdapter> =>
  refusingFile(join(path, adapterConfigFile), async () =>
    readAdapterConfig(await readJsonObject(join(path, adapterConfigFile))),
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

/** The base's projections that bear the adapter. @throws WeightsError when there are none */
export function bearers(
  isTarget: DescribedAdapter['isTarget'],
  config: ModelConfig,
  stored: ReadonlyMap<string, StoredTensor>,
): readonly string[] {
  const hasTensors = (projection: string): boolean =>
    stored.has(peftLayout(projection, 'lora_A').name) || stored.has(peftLayout(projection, 'lora_B').name)
  const all = projectionsOf(config)
  const projections = all.filter(isTarget ?? hasTensors)
  return projections.length > 0
    ? projections
    : refuse(
        `none of its target_modules is a projection of the base, a ${config.architecture}, whose first ` +
          `are ${all.slice(0, 4).join(', ')}`,
      )
}

/** @throws WeightsError naming the tensor that is missing, of another shape or type, or one too many */
export function adapterPlaces(
  config: ModelConfig,
  adapter: Adapter,
  stored: ReadonlyMap<string, StoredTensor>,
): ReadonlyMap<string, Place> {
  const layouts = new Map(
    adapter.projections.flatMap((projection) => {
      const { A, B } = adapterTensors(projection, adapter.name)
      return [
        [A, peftLayout(projection, 'lora_A')],
        [B, peftLayout(projection, 'lora_B')],
      ] as const
    }),
  )
  return placesIn(
    adapterSpec(config, adapter),
    stored,
    (name) => layouts.get(name)!,
    () => 'stands on nothing that this adapter’s target_modules and the base have',
  )
}
