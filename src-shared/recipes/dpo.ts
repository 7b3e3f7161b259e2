/** Direct preference optimization: a policy from preference pairs, without a reward model and without sampling. */
import { choice, integer, number, type Infer } from '../fields'
import { longPromptsField } from './long-prompts'
import type { Recipe } from './recipe'
import { dropoutField, trainedPartFields } from './trained-part'
import { lengthFields, memoryFields, optimizerFields, scheduleFields } from './training'

export const dpoFields = {
  loss: choice(
    [
      'sigmoid',
      'ipo',
      'hinge',
      'robust',
      'exo-pair',
      'discopop',
      'nca-pair',
      'bco-pair',
      'sppo-hard',
      'apo-zero',
      'apo-down',
      'aot',
      'aot-unpaired',
    ],
    {
      group: 'Objective',
      default: 'sigmoid',
      doc:
        'What a pair asks for. Sigmoid: DPO itself. IPO and SPPO stop pulling once a pair is told apart; hinge ' +
        '(SLiC, RSO) too. Robust and EXO expect some pairs to be the wrong way round. NCA, BCO and APO pull at ' +
        'each completion by itself: APO zero raises the chosen one, APO down lowers both. AOT orders the ' +
        'distributions of a whole batch. The page “Algorithms” has the formulas.',
    },
  ),
  beta: number({
    group: 'Objective',
    default: 0.1,
    min: 0.001,
    max: 10,
    doc:
      'Strength of the pull to the reference policy: higher stays closer to it (Rafailov et al. 2023, Eq. 7; ' +
      'in IPO it is τ). Per token it is multiplied by the length: Tülu 3 takes 5 there.',
  }),
  labelSmoothing: number({
    group: 'Objective',
    shownWhen: { loss: ['robust', 'exo-pair', 'aot', 'aot-unpaired'] },
    default: 0.1,
    min: 0.0001,
    max: 0.49,
    doc: 'Share of the pairs that are expected to be the wrong way round (ε; 0.1 in Chowdhury et al. 2024).',
  }),
  discopopTau: number({
    group: 'Objective',
    shownWhen: { loss: 'discopop' },
    default: 0.05,
    min: 0.001,
    max: 10,
    doc:
      'How sharply DiscoPOP goes over from the logistic to the exponential loss (Lu et al. 2024, Eq. 5). At 0.05, ' +
      'the paper’s, a pair that is not told apart yet is pulled the wrong way at first; above 0.103 it is not.',
  }),
  divergence: choice(['reverse-kl', 'forward-kl', 'jensen-shannon', 'alpha'], {
    group: 'Objective',
    shownWhen: { loss: ['sigmoid', 'ipo', 'hinge', 'robust', 'exo-pair', 'discopop'] },
    default: 'reverse-kl',
    doc:
      'What holds the policy to its reference (Wang et al. 2024). Reverse KL is DPO’s; the forward KL keeps ' +
      'more of what the reference can write; Jensen–Shannon and α lie between.',
  }),
  alphaDivergence: number({
    group: 'Objective',
    shownWhen: { divergence: 'alpha' },
    default: 0.5,
    min: 0.01,
    max: 0.99,
    doc: 'α of the α-divergence: near 1 it is the reverse KL, near 0 the forward one.',
  }),
  logRatios: choice(['whole', 'per-token'], {
    group: 'Objective',
    default: 'whole',
    doc:
      'Log-ratios of whole completions, as in DPO’s paper, or their mean a token, so that a long one weighs ' +
      'no more than a short one (Lambert et al. 2024; with IPO as TRL has it). Per token wants a higher beta.',
  }),
  tailWeight: number({
    group: 'Objective',
    default: 1,
    min: 0,
    max: 1,
    doc:
      'Weight of the tokens by which one completion is longer than the other (α of LD-DPO, Liu et al. 2024, ' +
      'who take 0.5): below 1 length counts less. 1 is DPO.',
  }),
  margin: number({
    group: 'Objective',
    shownWhen: { loss: ['sigmoid', 'ipo', 'hinge', 'robust', 'exo-pair', 'discopop'] },
    default: 0,
    min: 0,
    max: 100,
    unit: 'nats',
    doc:
      'By how much the chosen implicit reward should lead (Amini et al. 2024, Eq. 8): all of it where a person ' +
      'said “better”, a third where “slightly better”, as much of it as a file says. 0 treats all pairs alike, ' +
      'as in DPO’s paper.',
  }),
  sftWeight: number({
    group: 'Objective',
    default: 0,
    min: 0,
    max: 100,
    doc:
      'Weight of imitating the chosen completion, −log π a token (RPO, Pang et al. 2024, who take 1). It keeps ' +
      'chosen completions from becoming less likely. 0 is DPO.',
  }),
  epochs: integer({
    group: 'Length of the run',
    default: 3,
    min: 1,
    max: 1000,
    unit: 'epochs',
    doc: 'Passes over the pairs. A few are learned by heart soon: look at the held-out loss.',
  }),
  ...lengthFields,
  checkpointEvery: { ...lengthFields.checkpointEvery, default: 50 },
  samplesEvery: { ...lengthFields.samplesEvery, default: 20 },
  batchPairs: integer({
    group: 'Batch',
    default: 32,
    min: 1,
    max: 2048,
    unit: 'pairs',
    doc: 'Preference pairs of one update.',
  }),
  ...memoryFields,
  heldOutFraction: number({
    group: 'Batch',
    default: 0.1,
    min: 0,
    max: 0.5,
    doc: 'Share of the pairs that are never trained on and measure loss and accuracy.',
  }),
  learningRate: number({
    group: 'Optimizer',
    default: 1e-4,
    min: 1e-8,
    max: 1,
    doc:
      'Peak step size of AdamW. Rafailov et al. take 1e-6 for models of billions. Measured on the sample project ' +
      '(0.8M): 1e-5 learns little, 3e-4 tells most pairs apart and makes chosen completions 20 nats less likely.',
  }),
  ...scheduleFields,
  ...optimizerFields,
  weightDecay: {
    ...optimizerFields.weightDecay,
    default: 0,
    doc: 'Decoupled decay of the weight matrices. Off: the reference already holds the policy where it started.',
  },
  ...longPromptsField,
  ...trainedPartFields,
  ...dropoutField,
} as const

export type DpoSettings = Infer<typeof dpoFields>

export const dpo = {
  name: 'dpo',
  title: 'DPO',
  summary: 'pairs, no reward model',
  source: 'Rafailov et al. 2023, and its kin',
  group: 'From preferences',
  runPrefix: 'dpo',
  makes: 'language-model',
  made: 'DPO',
  inputs: {
    policy: {
      type: 'checkpoint',
      label: 'Policy',
      doc: 'The fine-tuned model; a frozen copy of it is the reference.',
      kind: 'language-model',
      isMany: false,
      isRequired: true,
    },
    pairs: {
      type: 'dataset',
      label: 'Preference pairs',
      doc: 'Imported pairs, your own judgments, or both.',
      kinds: ['preferences'],
      isMany: true,
      isRequired: true,
      reads: ['prompt', 'completion', 'rejected'],
      readBy: 'policy',
      promptsFit: true,
    },
  },
  fields: dpoFields,
  headline: 'accuracy/held-out',
  presets: [],
} as const satisfies Recipe
