/**
 * GPT and Llama as one ONNX graph with a key-value cache, in the layout that transformers.js and Optimum
 * agree on:
 *
 *   input_ids, position_ids int64 [B, T] · attention_mask int64 [B, P + T] · past_key_values.N.key, .value
 *   [B, KV, P, D] · num_logits_to_keep int64 [] → logits [B, T, V] (of the last positions only, unless 0 are
 *   asked for) · present.N.key, .value [B, KV, P + T, D]
 *
 * P is 0 for a new text. Source: transformers.js, src/models/modeling_utils.js, `decoder_forward`.
 */
import type { OnnxGraph, OnnxValue } from '../../compute/lower/onnx'
import type { Parameters } from '../../compute/parameters'
import { hidden } from '../network'
import type { GptConfig, LlamaConfig } from '../model'
import { rotaryFrequencies } from '../layers/rope-scaling'
import { onnxBuilder, type OnnxBuilder } from './onnx-builder'

export type ExportableConfig = GptConfig | LlamaConfig

interface Heads {
  readonly heads: number
  readonly keyValueHeads: number
  readonly headWidth: number
}

const headsOf = (config: ExportableConfig): Heads =>
  config.architecture === 'gpt'
    ? { heads: config.heads, keyValueHeads: config.heads, headWidth: config.width / config.heads }
    : config

export function decoderGraph(config: ExportableConfig, parameters: Parameters): OnnxGraph {
  const build = onnxBuilder(parameters)
  const mask = maskScores(build)
  const states =
    config.architecture === 'gpt' ? gptStates(build, config, mask) : llamaStates(build, config, mask)
  logits(build, config, states)
  return { nodes: build.nodes, constants: build.constants, ...borders(config) }
}

function borders(config: ExportableConfig): Pick<OnnxGraph, 'inputs' | 'outputs'> {
  const { keyValueHeads, headWidth } = headsOf(config)
  const ids = (name: string, length: string): OnnxValue => ({ name, type: 'int64', shape: ['batch', length] })
  const caches = (name: string, length: string): OnnxValue[] =>
    Array.from({ length: config.layers }, (_, layer) =>
      ['key', 'value'].map((part): OnnxValue => ({
        name: `${name}.${layer}.${part}`,
        type: 'float32',
        shape: ['batch', keyValueHeads, length, headWidth],
      })),
    ).flat()
  return {
    inputs: [
      ids('input_ids', 'sequence'),
      ids('attention_mask', 'total'),
      ids('position_ids', 'sequence'),
      { name: 'num_logits_to_keep', type: 'int64', shape: [] },
      ...caches('past_key_values', 'past'),
    ],
    outputs: [
      { name: 'logits', type: 'float32', shape: ['batch', 'kept', config.vocabulary] },
      ...caches('present', 'total'),
    ],
  }
}

/**
 * What is added to scores [B, KV, G, T, P + T]: `hidden` at what comes later and at what the attention mask
 * leaves out. → [B, 1, 1, T, P + T]
 */
function maskScores(build: OnnxBuilder): string {
  const sizeAt1 = (name: string) => build.node('Gather', [build.node('Shape', [name]), build.integers(1)])
  const total = sizeAt1('attention_mask')
  const past = build.node('Sub', [total, sizeAt1('input_ids')])
  const range = (from: string) => build.node('Range', [from, total, build.integers(1)])
  const seen = build.node('Unsqueeze', [range(build.integers(0)), build.integers([0])])
  const seeing = build.node('Unsqueeze', [range(past), build.integers([1])])
  const isPadding = build.node('Unsqueeze', [
    build.node('Equal', ['attention_mask', build.integers(0)]),
    build.integers([1, 2, 3]),
  ])
  return build.node('Where', [
    build.node('Or', [build.node('Greater', [seen, seeing]), isPadding]),
    build.float(hidden),
    build.float(0),
  ])
}

/** [B, T, C] → [B, T, C] */
function gptStates(build: OnnxBuilder, config: GptConfig, mask: string): string {
  const { heads, headWidth } = headsOf(config)
  let x = build.node('Add', [
    build.node('Gather', [build.weight('transformer.wte.weight'), 'input_ids']),
    build.node('Gather', [build.weight('transformer.wpe.weight'), 'position_ids']),
  ])
  const norm = (x: string, name: string) =>
    build.node('LayerNormalization', [x, build.weight(`${name}.weight`), build.weight(`${name}.bias`)], {
      axis: -1,
      epsilon: { float: 1e-5 },
    })
  for (let layer = 0; layer < config.layers; layer++) {
    const of = (name: string): string => `transformer.h.${layer}.${name}`
    const [q, k, v] = build
      .split(build.linear(norm(x, of('ln_1')), of('attn.c_attn')), 3)
      .map((part) => splitHeads(build, part, heads, headWidth)) as [string, string, string]
    x = build.node('Add', [
      x,
      build.linear(attend(build, headsOf(config), layer, { q, k, v, mask }), of('attn.c_proj')),
    ])
    const inner = build.node('Gelu', [build.linear(norm(x, of('ln_2')), of('mlp.c_fc'))], {
      approximate: { text: 'tanh' },
    })
    x = build.node('Add', [x, build.linear(inner, of('mlp.c_proj'))])
  }
  return norm(x, 'transformer.ln_f')
}

/** [B, T, C] → [B, T, C] */
function llamaStates(build: OnnxBuilder, config: LlamaConfig, mask: string): string {
  let x = build.node('Gather', [build.weight('model.embed_tokens.weight'), 'input_ids'])
  const rotate = rotation(build, config)
  const norm = (x: string, name: string): string => {
    const mean = build.node('ReduceMean', [build.node('Mul', [x, x]), build.integers([-1])], { keepdims: 1 })
    return build.node('Mul', [
      build.node('Div', [
        x,
        build.node('Sqrt', [build.node('Add', [mean, build.float(config.normEpsilon)])]),
      ]),
      build.weight(`${name}.weight`),
    ])
  }
  for (let layer = 0; layer < config.layers; layer++) {
    const of = (name: string): string => `model.layers.${layer}.${name}`
    const normed = norm(x, of('input_layernorm'))
    const headsFor = (name: string, count: number) =>
      splitHeads(build, build.linear(normed, of(`self_attn.${name}`)), count, config.headWidth)
    const q = rotate(headsFor('q_proj', config.heads))
    const k = rotate(headsFor('k_proj', config.keyValueHeads))
    const v = headsFor('v_proj', config.keyValueHeads)
    x = build.node('Add', [
      x,
      build.linear(attend(build, config, layer, { q, k, v, mask }), of('self_attn.o_proj')),
    ])
    const inner = norm(x, of('post_attention_layernorm'))
    const gate = build.linear(inner, of('mlp.gate_proj'))
    const open = build.node('Mul', [
      build.node('Mul', [gate, build.node('Sigmoid', [gate])]),
      build.linear(inner, of('mlp.up_proj')),
    ])
    x = build.node('Add', [x, build.linear(open, of('mlp.down_proj'))])
  }
  return norm(x, 'model.norm')
}

/** [B, T, heads·D] → [B, heads, T, D] */
const splitHeads = (build: OnnxBuilder, x: string, heads: number, headWidth: number): string =>
  build.node('Transpose', [build.node('Reshape', [x, build.integers([0, 0, heads, headWidth])])], {
    perm: [0, 2, 1, 3],
  })

/** Rotary positions of [B, heads, T, D]: a number is paired with the one half a head further. */
function rotation(
  build: OnnxBuilder,
  { headWidth, ropeBase, ropeScaling, contextTokens }: LlamaConfig,
): (x: string) => string {
  const { frequencies, magnitude } = rotaryFrequencies(headWidth, ropeBase, ropeScaling)
  const table = (name: string, of: (angle: number) => number): string => {
    const half = headWidth / 2
    const values = Float32Array.from(
      { length: contextTokens * half },
      (_, at) => magnitude * of(Math.floor(at / half) * frequencies[at % half]!),
    )
    return build.node('Unsqueeze', [
      build.node('Gather', [build.floats(name, [contextTokens, half], values), 'position_ids']),
      build.integers([1]),
    ])
  }
  const cosine = table('rotation.cosine', Math.cos)
  const sine = table('rotation.sine', Math.sin)
  const times = (a: string, b: string) => build.node('Mul', [a, b])
  return (x) => {
    const [first, second] = build.split(x, 2) as [string, string]
    return build.node(
      'Concat',
      [
        build.node('Sub', [times(first, cosine), times(second, sine)]),
        build.node('Add', [times(second, cosine), times(first, sine)]),
      ],
      { axis: -1 },
    )
  }
}

interface Attended {
  readonly q: string
  readonly k: string
  readonly v: string
  readonly mask: string
}

/**
 * Queries [B, H, T, D] to what the cache holds and to themselves → [B, T, H·D]; a group's queries share its
 * keys and values.
 */
function attend(
  build: OnnxBuilder,
  { heads, keyValueHeads, headWidth }: Heads,
  layer: number,
  { q, k, v, mask }: Attended,
): string {
  const grown = (part: 'key' | 'value', own: string) =>
    build.node('Unsqueeze', [
      build.node(
        'Concat',
        [`past_key_values.${layer}.${part}`, own],
        { axis: 2 },
        `present.${layer}.${part}`,
      ),
      build.integers([2]),
    ])
  const keys = grown('key', k)
  const values = grown('value', v)
  const queries = build.node('Mul', [
    build.node('Reshape', [q, build.integers([0, keyValueHeads, heads / keyValueHeads, -1, headWidth])]),
    build.float(1 / Math.sqrt(headWidth)),
  ])
  const scores = build.node('Add', [
    build.node('MatMul', [queries, build.node('Transpose', [keys], { perm: [0, 1, 2, 4, 3] })]),
    mask,
  ])
  const attended = build.node('MatMul', [build.node('Softmax', [scores], { axis: -1 }), values])
  return build.node('Reshape', [
    build.node('Transpose', [attended], { perm: [0, 3, 1, 2, 4] }),
    build.integers([0, 0, heads * headWidth]),
  ])
}

/** The last positions' [B, T, C] → [B, kept, V]; −0 is the first position, so that 0 keeps all. */
function logits(build: OnnxBuilder, config: ExportableConfig, states: string): void {
  const from = build.node('Unsqueeze', [build.node('Neg', ['num_logits_to_keep']), build.integers([0])])
  const kept = build.node('Slice', [
    states,
    from,
    build.integers([Number.MAX_SAFE_INTEGER]),
    build.integers([1]),
  ])
  const output = config.isTied
    ? config.architecture === 'gpt'
      ? 'transformer.wte.weight'
      : 'model.embed_tokens.weight'
    : 'lm_head.weight'
  const flat = build.node(
    'Gemm',
    [build.node('Reshape', [kept, build.integers([-1, config.width])]), build.weight(output)],
    { transB: 1 },
  )
  const shape = build.node(
    'Concat',
    [build.node('Shape', [kept], { start: 0, end: 2 }), build.integers([config.vocabulary])],
    { axis: 0 },
  )
  build.node('Reshape', [flat, shape], {}, 'logits')
}
