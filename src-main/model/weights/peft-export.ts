/**
 * An adapter alone, as Hugging Face's PEFT library reads it: adapter_config.json and adapter_model.safetensors. The base model is what it is put on there.
 * Source: peft, src/peft/utils/save_and_load.py; LoraConfig.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { adapterTensors } from '../adapter-names'
import type { Adapter, LanguageModel } from '../model'
import { writeJson } from './hugging-face-export'
import type { JsonObject } from './json-file'
import { writtenCard, type Terms } from './model-card'
import { writeTensors, type WrittenTensor } from './written-tensors'

/** @param adapter one of the model's */
export async function writePeftFolder(folder: string, model: LanguageModel, adapter: Adapter, terms: Terms): Promise<void> {
  const { config, parameters } = model
  const tensors = adapter.projections.flatMap((projection): WrittenTensor[] => {
    const { A, B } = adapterTensors(projection, adapter.name)
    const written = (name: string, part: string): WrittenTensor => ({ name: `base_model.model.${projection}.${part}.weight`, isTransposed: true, shape: parameters.spec[name]!, data: parameters.view(name) })
    return [written(A, 'lora_A'), written(B, 'lora_B')]
  })
  await writeTensors(folder, 'adapter_model.safetensors', tensors)
  const place = { task_type: 'CAUSAL_LM', fan_in_fan_out: config.architecture === 'gpt', base_model_name_or_path: terms.lineage['base'] ?? null }
  await writeJson(folder, 'adapter_config.json', { ...adapterConfig(adapter), ...place })
  await writeFile(join(folder, 'README.md'), writtenCard(model, terms, 'peft'))
}

const adapterConfig = ({ rank, alpha, scaling, dropout, projections }: Adapter): JsonObject => ({
  peft_type: 'LORA', r: rank, lora_alpha: alpha, lora_dropout: dropout, use_rslora: scaling === 'by-root-of-rank', target_modules: projections, bias: 'none', inference_mode: true,
})
