/** How Hugging Face's library has an architecture: config.json, names of classes, how tensors lie. */
import type { JsonObject } from '../weights/json-file'
import type { Renamed } from './peft-renamed'

/** What Hugging Face calls a network and its classes. */
export interface HuggingFaceNames {
  /** `model_type` of config.json. */
  readonly modelType: string
  readonly languageModel: string
  /** Undefined where the library has none. */
  readonly rewardModel?: string
}

export interface HuggingFaceForm<C> {
  /** Every `model_type` that is this architecture. */
  readonly modelTypes: readonly string[]
  /** @throws WeightsError when a field is missing or has a value that cannot be followed */
  read(json: JsonObject, modelType: string): C
  /** The configuration of a reward model, whose file has no output matrix. */
  withoutOutput(config: C): C
  namesOf(config: C): HuggingFaceNames
  /** Its own fields of config.json. */
  written(config: C): JsonObject
  /** What stands before every name of the trunk; some files were saved without it. */
  prefix(config: C): string
  /** Whether a tensor lies [out, in] there where ours is [in, out]. */
  isTransposed(name: string): boolean
  /** Whether a tensor that is none of the model's may stand in its file. */
  isLeftOver(name: string, config: C): boolean
  /** Whether its linear layers lie [in, out] there, as GPT-2's alone do: PEFT says so beside its adapters. */
  readonly fanInFanOut: boolean
  /** Modules that the library has renamed since, as PEFT's adapters name them. */
  readonly renamed?: Renamed
  /** What a tensor is called there and its shape, where either is another; `read` is not what reads such folders. */
  published?(
    name: string,
    shape: readonly number[],
  ): { readonly name: string; readonly shape: readonly number[] }
  /** The last norm's bias, if it has one: the bias of a reward model's score goes into it. */
  lastBias?(config: C): string | undefined
}
