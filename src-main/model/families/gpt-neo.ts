/**
 * GPT-Neo (Black et al. 2021) and TinyStories (Eldan & Li 2023): learned positions, scores that are not scaled, and
 * in every second block a window.
 */
import { plainDesign, type DecoderConfig, type LayerKind } from '../architectures/decoder-config'
import { checkOnly } from '../importing/json-fields'
import { shown, type JsonObject } from '../weights/json-file'
import { refuse } from '../weights/refusal'
import { optionalPositive, readSizes, type Family, type FamilyConfig } from './family'

/** `[[["global", "local"], 6]]`: kinds in turn, and how often. @throws WeightsError */
function layersIn(json: JsonObject, layers: number): readonly LayerKind[] {
  const types = json['attention_types'] ?? [[['global', 'local'], layers / 2]]
  const turns: readonly unknown[] = Array.isArray(types) ? types : refuse('its attention_types are no list')
  const kinds = turns.flatMap((turn): readonly unknown[] => {
    const [names, often] = Array.isArray(turn) ? (turn as unknown[]) : []
    if (!Array.isArray(names) || typeof often !== 'number' || !(often >= 0 && often <= layers))
      return refuse(`one of its attention_types is ${shown(turn)}`)
    return Array.from({ length: often }, () => names as unknown[]).flat()
  })
  if (kinds.length !== layers)
    refuse(`its attention_types are of ${kinds.length} layers, and it has ${layers}`)
  return kinds.map((kind) => {
    if (kind === 'global') return 'full'
    return kind === 'local' ? 'window' : refuse(`one of its attention_types is ${shown(kind)}`)
  })
}

function read(json: JsonObject): FamilyConfig {
  checkOnly(json, { activation_function: ['gelu_new', 'gelu_pytorch_tanh', 'gelu', 'relu'] })
  const renamed = { num_hidden_layers: json['num_layers'], num_attention_heads: json['num_heads'], ...json }
  const sizes = readSizes(renamed, 'layer_norm_epsilon', true)
  const named = json['activation_function'] ?? 'gelu_new'
  return {
    ...sizes,
    design: {
      ...plainDesign(sizes.layers, sizes.headWidth, { ropeBase: 1, ropeScaling: { type: 'none' } }),
      norm: 'layer',
      activation: named === 'gelu' || named === 'relu' ? named : 'gelu-tanh',
      isGated: false,
      biases: ['attention-output', 'feed-forward'],
      positions: { type: 'learned', offset: 0 },
      layers: layersIn(json, sizes.layers),
      window: optionalPositive(json, 'window_size', 256),
      scoreScale: 1,
    },
  }
}

const written = ({ design, ...config }: DecoderConfig): JsonObject => ({
  num_layers: config.layers,
  num_heads: config.heads,
  hidden_size: config.width,
  intermediate_size: config.innerWidth,
  max_position_embeddings: config.contextTokens,
  layer_norm_epsilon: config.normEpsilon,
  tie_word_embeddings: config.isTied,
  activation_function: design.activation === 'gelu-tanh' ? 'gelu_new' : design.activation,
  attention_types: design.layers.map((kind) => [[kind === 'window' ? 'local' : 'global'], 1]),
  attention_layers: design.layers.map((kind) => (kind === 'window' ? 'local' : 'global')),
  window_size: design.window,
  resid_dropout: 0,
  embed_dropout: 0,
  attention_dropout: 0,
  classifier_dropout: 0,
})

export const gptNeo: Family = {
  modelTypes: ['gpt_neo'],
  names: {
    modelType: 'gpt_neo',
    languageModel: 'GPTNeoForCausalLM',
    rewardModel: 'GPTNeoForSequenceClassification',
  },
  read,
  written,
}
