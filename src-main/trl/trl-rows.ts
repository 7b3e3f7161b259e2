/**
 * Which recipes TRL has, too, and what of their settings it takes. A value that it has nothing for is refused by name:
 * a run elsewhere is the same run, or none.
 */
import type { SettingsValues } from '../../src-shared/fields'
import type { MetricName } from '../../src-shared/metrics'
import type { Json } from '../../src-shared/records/turn'
import type { RecipeName } from '../../src-shared/recipes/recipes'
import { isSpoken } from '../../src-shared/turn-texts'
import { kto as ktoForm, trl } from '../data/writing/trl'
import { updatesOf } from '../trainers/order'
import { refuse } from '../trainers/refuse'
import { demonstrationData, pairData, promptData, ratedData } from './trl-data'
import type { TrlData, TrlRow } from './trl-row'

type Sizes = Pick<TrlRow, 'batch' | 'updates'>

const ofExamples = (setting: string): Sizes => {
  const batch = (settings: SettingsValues, { trained }: TrlData): number =>
    Math.min(Number(settings[setting]), trained.length)
  return {
    batch,
    updates: (settings, data) =>
      updatesOf(data.trained.length, batch(settings, data), Number(settings['epochs'])),
  }
}

const optimizing: Readonly<Record<string, MetricName>> = {
  grad_norm: 'optimizer/gradient-norm',
  learning_rate: 'optimizer/learning-rate',
}
const judging: Readonly<Record<string, MetricName>> = {
  ...optimizing,
  loss: 'loss/preference',
  'rewards/accuracies': 'accuracy/train',
  'eval_rewards/accuracies': 'accuracy/held-out',
}

const sft: TrlRow = {
  trainer: () => 'SFT',
  form: trl,
  only: {},
  arguments: ({ trainOn, embeddingNoise }, { trained }) => ({
    completion_only_loss: trainOn === 'completion' || !trained.some(isSpoken),
    neftune_noise_alpha: Number(embeddingNoise) > 0 ? Number(embeddingNoise) : null,
  }),
  metrics: { ...optimizing, loss: 'loss/train', eval_loss: 'loss/held-out' },
  data: demonstrationData,
  ...ofExamples('batchExamples'),
}

const reward: TrlRow = {
  trainer: () => 'Reward',
  form: trl,
  only: {
    learnFrom: ['preferences'],
    readPrompt: ['with-prompt'],
    head: ['scalar'],
    heads: [1],
    segments: ['off'],
    compareAt: ['end'],
    sizePenalty: [0],
    zeroMean: ['off'],
    cutFraction: [0],
  },
  arguments: ({ centering }) => ({
    center_rewards_coefficient: Number(centering) > 0 ? Number(centering) : null,
  }),
  metrics: {
    ...optimizing,
    loss: 'loss/reward',
    accuracy: 'accuracy/train',
    eval_accuracy: 'accuracy/held-out',
  },
  data: (given, settings, model) => {
    const data = pairData(given, settings, model)
    return { ...data, margins: data.margins!.map((margin) => margin * Number(settings['margin'])) }
  },
  ...ofExamples('batchPairs'),
}

const divergences: Readonly<Record<string, string>> = {
  'reverse-kl': 'reverse_kl',
  'forward-kl': 'forward_kl',
  'jensen-shannon': 'js_divergence',
  alpha: 'alpha_divergence',
}

const dpo: TrlRow = {
  trainer: ({ loss, logRatios }) => {
    const wanted = loss === 'ipo' ? 'per-token' : 'whole'
    if (logRatios !== wanted)
      refuse('logRatios', `is “${String(logRatios)}”, and TRL's ${String(loss)} takes them ${wanted}`)
    return 'DPO'
  },
  form: trl,
  only: { margin: [0] },
  arguments: (settings) => {
    const { loss, beta, labelSmoothing, discopopTau, divergence, alphaDivergence, tailWeight } = settings
    const sftWeight = Number(settings['sftWeight'])
    const name = String(loss).replaceAll('-', '_')
    return {
      loss_type: sftWeight > 0 ? [name, 'sft'] : [name],
      loss_weights: sftWeight > 0 ? [1, sftWeight] : [1],
      beta: Number(beta),
      label_smoothing: ['robust', 'exo-pair', 'aot', 'aot-unpaired'].includes(String(loss))
        ? Number(labelSmoothing)
        : 0,
      discopop_tau: Number(discopopTau),
      f_divergence_type: divergences[String(divergence)]!,
      f_alpha_divergence_coef: Number(alphaDivergence),
      ld_alpha: Number(tailWeight) < 1 ? Number(tailWeight) : null,
    }
  },
  metrics: judging,
  data: pairData,
  ...ofExamples('batchPairs'),
}

const kto: TrlRow = {
  trainer: () => 'KTO',
  form: ktoForm,
  only: { loss: ['kto', 'apo-zero'] },
  arguments: ({ loss, beta, goodWeight, badWeight }) => ({
    loss_type: loss === 'kto' ? 'kto' : 'apo_zero_unpaired',
    beta: Number(beta),
    desirable_weight: Number(goodWeight),
    undesirable_weight: Number(badWeight),
  }),
  metrics: { ...optimizing, loss: 'loss/preference' },
  data: ratedData,
  ...ofExamples('batchExamples'),
}

const grpoLosses: Readonly<Record<string, string>> = {
  'rollout-tokens': 'dapo',
  'text-mean': 'grpo',
  'update-tokens': 'bnpo',
  longest: 'dr_grpo',
}

const isRloo = ({ advantage }: SettingsValues): boolean => advantage === 'leave-one-out'

function onlineArguments(settings: SettingsValues): Readonly<Record<string, Json>> {
  const { groupSize, maxTokens, temperature, topK, topP, minP, klBeta, epochs } = settings
  return {
    num_generations: Number(groupSize),
    max_completion_length: Number(maxTokens),
    temperature: Number(temperature),
    top_k: Number(topK),
    top_p: Number(topP),
    min_p: Number(minP),
    beta: Number(klBeta),
    num_iterations: Number(epochs),
    epsilon: Number(settings['clipLow']),
    epsilon_high: Number(settings['clipHigh']),
    generation_batch_size: Number(settings['groups']) * Number(groupSize),
    mask_truncated_completions: settings['cutTexts'] === 'left-out',
  }
}

/** How far a text's ratio reaches, or another loss altogether. */
function groupArguments({ advantage, importance, normalisation }: SettingsValues) {
  return {
    loss_type:
      importance === 'cispo' || importance === 'sapo' ? importance : grpoLosses[String(normalisation)]!,
    importance_sampling_level: importance === 'text-mean' ? 'sequence' : 'token',
    scale_rewards: advantage === 'group' ? 'group' : 'none',
  }
}

const grpo: TrlRow = {
  trainer: (settings) => {
    const { importance, klForm, klBeta, normalisation } = settings
    if (isRloo(settings)) {
      if (importance !== 'text' || (klForm !== 'reward' && klBeta !== 0))
        refuse('importance', 'must be “text” and KL in the reward for TRL’s RLOO')
      return 'RLOO'
    }
    if (klForm !== 'k3' && klBeta !== 0)
      refuse('klForm', 'must be “k3”, which is how TRL’s GRPO pulls, or KL β 0')
    if (grpoLosses[String(normalisation)] === undefined || importance === 'text')
      refuse('normalisation', 'or its ratio of whole texts has no name in TRL’s GRPO')
    return 'GRPO'
  },
  form: trl,
  only: {
    advantage: ['group', 'group-mean', 'leave-one-out'],
    dynamicSampling: ['off'],
    noEndPenalty: [0],
    stop: [''],
  },
  arguments: (settings) => ({
    ...onlineArguments(settings),
    ...(isRloo(settings) ? {} : groupArguments(settings)),
  }),
  metrics: { ...optimizing, reward: 'reward/mean', kl: 'kl/drawn', entropy: 'policy/entropy' },
  data: promptData,
  batch: ({ groups, groupSize, minibatches }) =>
    Math.ceil((Number(groups) * Number(groupSize)) / Number(minibatches)),
  updates: ({ updates, epochs, minibatches }) => Number(updates) * Number(epochs) * Number(minibatches),
}

export const trlRows: Partial<Readonly<Record<RecipeName, TrlRow>>> = { sft, reward, dpo, kto, grpo }
