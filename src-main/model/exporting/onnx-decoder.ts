/**
 * A transformer as one ONNX graph with a key-value cache, in the layout that transformers.js and Optimum
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
import type { ModelConfig } from '../model'
import { hidden } from '../network'
import { onnxBuilder, type OnnxBuilder } from './onnx-builder'
import type { CachedHeads, OnnxForm } from './onnx-form'

/** @param form of the configuration's architecture */
export function decoderGraph(
  form: OnnxForm<ModelConfig>,
  config: ModelConfig,
  parameters: Parameters,
): OnnxGraph {
  const build = onnxBuilder(parameters)
  const mask = maskScores(build)
  const states = form.states(build, config, mask)
  writeLogits(build, config, states, form.outputMatrix(config))
  return { nodes: build.nodes, constants: build.constants, ...borders(config, form.headsOf(config)) }
}

function borders(
  { layers, vocabulary }: ModelConfig,
  { keyValueHeads, headWidth }: CachedHeads,
): Pick<OnnxGraph, 'inputs' | 'outputs'> {
  const ids = (name: string, length: string): OnnxValue => ({ name, type: 'int64', shape: ['batch', length] })
  const cache = (name: string, length: string): OnnxValue => ({
    name,
    type: 'float32',
    shape: ['batch', keyValueHeads, length, headWidth],
  })
  const caches = (name: string, length: string): OnnxValue[] =>
    Array.from({ length: layers }, (_, layer) => [
      cache(`${name}.${layer}.key`, length),
      cache(`${name}.${layer}.value`, length),
    ]).flat()
  return {
    inputs: [
      ids('input_ids', 'sequence'),
      ids('attention_mask', 'total'),
      ids('position_ids', 'sequence'),
      { name: 'num_logits_to_keep', type: 'int64', shape: [] },
      ...caches('past_key_values', 'past'),
    ],
    outputs: [
      { name: 'logits', type: 'float32', shape: ['batch', 'kept', vocabulary] },
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

/** The last positions' [B, T, C] → [B, kept, V]; −0 is the first position, so that 0 keeps all. */
function writeLogits(
  build: OnnxBuilder,
  { width, vocabulary }: ModelConfig,
  states: string,
  output: string,
): void {
  const from = build.node('Unsqueeze', [build.node('Neg', ['num_logits_to_keep']), build.integers([0])])
  const kept = build.node('Slice', [
    states,
    from,
    build.integers([Number.MAX_SAFE_INTEGER]),
    build.integers([1]),
  ])
  const rows = build.node('Reshape', [kept, build.integers([-1, width])])
  const flat = build.node('Gemm', [rows, build.weight(output)], { transB: 1 })
  const shape = build.node(
    'Concat',
    [build.node('Shape', [kept], { start: 0, end: 2 }), build.integers([vocabulary])],
    { axis: 0 },
  )
  build.node('Reshape', [flat, shape], {}, 'logits')
}
