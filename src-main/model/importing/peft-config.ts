/**
 * PEFT's adapter_config.json of a LoRA, read and written.
 * Source: peft, src/peft/tuners/lora/config.py, LoraConfig; src/peft/tuners/tuners_utils.py,
 * check_target_module_exists.
 */
import { blockOf } from '../adapters/adapter-targets'
import type { Adapter } from '../model'
import { checkOnly, count, flag, positive, type Only } from './json-fields'
import { numberByPattern } from './peft-patterns'
import { learnedRowsIn, type LearnedRows } from './peft-tokens'
import { isObject, shown, type JsonObject } from '../weights/json-file'
import { refuse } from '../weights/refusal'

/** What an adapter holds that only its base can take in. */
export interface WholeParts {
  /** Its projections are normed anew (Liu et al. 2024, "DoRA"). */
  readonly isDora: boolean
  /** Ends of names of modules that are saved whole. */
  readonly modules: readonly string[]
  readonly biases: 'none' | 'all' | 'lora_only'
  readonly rows: LearnedRows
}

export interface DescribedAdapter extends Pick<Adapter, 'scaling' | 'dropout'> {
  /** Ranks and alphas, of each projection. */
  readonly rankOf: (projection: string) => number
  readonly alphaOf: (projection: string) => number
  /** Undefined of one that is narrow matrices and nothing else. */
  readonly whole: WholeParts | undefined
  /** What its file calls the model it was made for. */
  readonly madeFor: string | undefined
  /**
   * Whether a projection bears it; undefined where a pattern of Python's says so, which is never run: the
   * tensors say it then.
   */
  readonly isTarget: ((projection: string) => boolean) | undefined
}

const only: Only = {
  peft_type: ['LORA'],
  task_type: [null, 'CAUSAL_LM'],
  bias: ['none', 'all', 'lora_only'],
  // the others begin by changing the base, and stand on the changed one
  init_lora_weights: [null, true, false, 'gaussian', 'orthogonal', 'eva'],
}

/**
 * Followed below, or without any meaning for the numbers. PEFT itself sets fan_in_fan_out to what a layer is.
 */
const known: ReadonlySet<string> = new Set([
  ...Object.keys(only),
  'use_dora',
  'modules_to_save',
  'trainable_token_indices',
  'rank_pattern',
  'alpha_pattern',
  'ensure_weight_tying',
  'r',
  'lora_alpha',
  'lora_dropout',
  'use_rslora',
  'target_modules',
  'exclude_modules',
  'layers_to_transform',
  'layers_pattern',
  'fan_in_fan_out',
  'auto_mapping',
  'base_model_name_or_path',
  'revision',
  'inference_mode',
  'peft_version',
  'megatron_core',
  'qalora_group_size',
  'loftq_config',
  'eva_config',
  'runtime_config',
])

/** @throws WeightsError naming the field that is missing or wrong, or asks for what is not known here */
export function readAdapterConfig(json: JsonObject): DescribedAdapter {
  if (json['peft_type'] === undefined) refuse('its peft_type is missing; it should be "LORA"')
  checkOnly(json, only)
  const unknown = Object.entries(json).find(([name, value]) => !known.has(name) && !isOff(value))
  if (unknown)
    refuse(`its ${unknown[0].slice(0, 80)} is ${shown(unknown[1])}, which this version cannot follow`)
  flag(json, 'fan_in_fan_out', false)
  return {
    rankOf: numberByPattern(json, 'rank_pattern', count(json, 'r'), isRank),
    alphaOf: numberByPattern(json, 'alpha_pattern', positive(json, 'lora_alpha'), isAlpha),
    whole: wholeParts(json),
    scaling: flag(json, 'use_rslora', false) ? 'by-root-of-rank' : 'by-rank',
    dropout: dropoutIn(json),
    madeFor:
      typeof json['base_model_name_or_path'] === 'string' ? json['base_model_name_or_path'] : undefined,
    isTarget: targetsIn(json),
  }
}

const isRank = (value: number): boolean => Number.isSafeInteger(value) && value > 0
const isAlpha = (value: number): boolean => Number.isFinite(value) && value > 0

function wholeParts(json: JsonObject): WholeParts | undefined {
  const saved = modulesIn(json, 'modules_to_save') ?? []
  if (typeof saved === 'string') return refuse('its modules_to_save are a text, not a list of names')
  const biases = json['bias'] === 'all' || json['bias'] === 'lora_only' ? json['bias'] : 'none'
  const isDora = flag(json, 'use_dora', false)
  const rows = learnedRowsIn(json)
  return isDora || saved.length > 0 || biases !== 'none' || rows.size > 0
    ? { isDora, modules: saved, biases, rows }
    : undefined
}

/** Nothing that is asked for. */
const isOff = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === false ||
  value === '' ||
  (Array.isArray(value) && value.length === 0) ||
  (isObject(value) && Object.keys(value).length === 0)

function dropoutIn({ lora_dropout: dropout = 0 }: JsonObject): number {
  return typeof dropout === 'number' && dropout >= 0 && dropout < 1
    ? dropout
    : refuse(`its lora_dropout is ${shown(dropout)}, no number from 0 to below 1`)
}

function targetsIn(json: JsonObject): DescribedAdapter['isTarget'] {
  const targets = modulesIn(json, 'target_modules')
  const excluded = modulesIn(json, 'exclude_modules')
  const blocks = blocksIn(json)
  if (targets === undefined) refuse('its target_modules are missing')
  if (typeof targets === 'string' || typeof excluded === 'string') return undefined
  const isIn = (names: readonly string[] | undefined, projection: string): boolean =>
    names?.some((name) => projection === name || projection.endsWith(`.${name}`)) ?? false
  return (projection) =>
    isIn(targets, projection) &&
    !isIn(excluded, projection) &&
    (blocks === undefined || blocks.includes(blockOf(projection)))
}

/** Ends of names in a list, or one pattern over whole names. */
function modulesIn(json: JsonObject, name: string): readonly string[] | string | undefined {
  const modules = json[name]
  if (isOff(modules)) return undefined
  if (
    typeof modules === 'string' ||
    (Array.isArray(modules) && modules.every((each) => typeof each === 'string'))
  )
    return modules
  return refuse(`its ${name} are ${shown(modules)}, neither a list of names nor a pattern`)
}

function blocksIn({ layers_to_transform: layers }: JsonObject): readonly unknown[] | undefined {
  if (isOff(layers)) return undefined
  const blocks: readonly unknown[] = Array.isArray(layers) ? layers : [layers]
  return blocks.every((block) => Number.isSafeInteger(block))
    ? blocks
    : refuse(`its layers_to_transform are ${shown(layers)}, no numbers of blocks`)
}

/**
 * @param adapters on projections of their own, of one scaling
 * @param isConv   whether its projections are GPT-2's, which PyTorch stores [in, out].
 * @param madeFor  what its base is called
 */
export function writtenAdapterConfig(
  adapters: readonly Adapter[],
  isConv: boolean,
  madeFor: string | undefined,
): JsonObject {
  const [first, ...others] = adapters
  const { rank, alpha, scaling, dropout } = first!
  const pattern = (of: 'rank' | 'alpha', plain: number): JsonObject =>
    Object.fromEntries(
      others
        .filter((adapter) => adapter[of] !== plain)
        .flatMap((adapter) => adapter.projections.map((projection) => [projection, adapter[of]])),
    )
  return {
    peft_type: 'LORA',
    task_type: 'CAUSAL_LM',
    base_model_name_or_path: madeFor ?? null,
    r: rank,
    lora_alpha: alpha,
    rank_pattern: pattern('rank', rank),
    alpha_pattern: pattern('alpha', alpha),
    lora_dropout: dropout,
    use_rslora: scaling === 'by-root-of-rank',
    target_modules: adapters.flatMap(({ projections }) => projections),
    fan_in_fan_out: isConv,
    bias: 'none',
    inference_mode: true,
  }
}
