/** A model by its config.json alone, as an import would read it: how many numbers it has, or why it is not read. */
import { countOf } from '../compute/parameters'
import { readConfig } from '../model/importing/hugging-face-config'
import { specOf } from '../model/trunk-parameters'
import { isObject } from '../model/weights/json-file'
import { WeightsError } from '../model/weights/refusal'

export interface SizedByConfig {
  readonly parameters?: number
  readonly problem?: string
}

export function sizedModel(text: string): SizedByConfig {
  try {
    const json: unknown = JSON.parse(text)
    // RWKV's says nothing of its sizes: they are told by its tensors
    if (!isObject(json) || String(json['model_type']).startsWith('rwkv')) return {}
    const { kind, config } = readConfig(json)
    return { parameters: countOf(specOf(kind, config)) }
  } catch (error) {
    if (error instanceof SyntaxError) return { problem: 'its config.json is no JSON' }
    if (error instanceof WeightsError) return { problem: error.message }
    throw error
  }
}
