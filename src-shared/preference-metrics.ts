/** Metrics of what learns from preferences or ratings: reward models, and policies held to pairs or labels. */
import type { Metric } from './metric'

export const preferenceMetrics = {
  'loss/reward': {
    label: 'reward model',
    unit: 'nats a pair',
    better: 'lower',
    doc:
      '−log σ(r⁺ − r⁻ − m), m the margin, mean over the pairs of the batch (Bradley & Terry 1952; Touvron ' +
      'et al. 2023, Eq. 2).',
  },
  'loss/reward-held-out': {
    label: 'held out',
    unit: 'nats a pair',
    better: 'lower',
    doc: 'The Bradley–Terry loss on held-out pairs.',
  },
  'loss/rating': {
    label: 'reward model',
    unit: 'a text',
    better: 'lower',
    doc:
      'Of rated texts: squared error of the score, or cross-entropy over the bins in nats, mean over the ' +
      'batch.',
  },
  'loss/rating-held-out': {
    label: 'held out',
    unit: 'a text',
    better: 'lower',
    doc: 'The same on held-out rated texts.',
  },
  'loss/steps': {
    label: 'reward model',
    unit: 'nats a step',
    better: 'lower',
    doc: 'Cross-entropy of steps that are right or wrong, mean over the labelled steps of the batch.',
  },
  'loss/steps-held-out': {
    label: 'held out',
    unit: 'nats a step',
    better: 'lower',
    doc: 'The same on held-out solutions.',
  },
  'accuracy/first-error': {
    label: 'first error found',
    unit: 'fraction',
    better: 'higher',
    doc:
      'Held-out solutions whose first wrong step is named, or of which it is said that none is (as in ProcessBench, ' +
      'Zheng et al. 2024).',
  },
  'loss/preference': {
    label: 'training',
    unit: 'a pair',
    better: 'lower',
    doc:
      'The loss of DPO: −log σ(β · lead) in nats (Rafailov et al. 2023, Eq. 7), or (lead − 1/2β)² (Azar et ' +
      'al. 2024, Eq. 17); mean over the pairs of the batch.',
  },
  'loss/preference-held-out': {
    label: 'held out',
    unit: 'a pair',
    better: 'lower',
    doc: 'The same on held-out pairs.',
  },
  'accuracy/train': {
    label: 'training',
    unit: 'fraction',
    better: 'higher',
    doc: 'Pairs of the batch whose chosen completion gets the higher score; in DPO the implicit reward.',
  },
  'accuracy/held-out': {
    label: 'held out',
    unit: 'fraction',
    better: 'higher',
    doc:
      'Held-out pairs whose chosen completion gets the higher score; a tie counts one half. Of rated ' +
      'texts: all pairs of different ratings; of steps: those that are told right or wrong.',
  },
  'accuracy/held-out-count': {
    label: 'held out',
    unit: 'counted',
    better: 'neither',
    doc:
      'How many the held-out accuracy is the share of: pairs or steps; of rated texts and of completions called good ' +
      'or bad as many pairs as can be made of them with each text in one.',
  },
  'accuracy/held-out-low': {
    label: 'held out, at least',
    unit: 'fraction',
    better: 'higher',
    doc: 'Lower end of the 95 % interval of the held-out accuracy (Wilson 1927).',
  },
  'accuracy/held-out-high': {
    label: 'held out, at most',
    unit: 'fraction',
    better: 'higher',
    doc: 'Upper end of the same interval.',
  },
  'accuracy/chosen-longer': {
    label: 'chosen longer',
    unit: 'fraction',
    better: 'higher',
    doc:
      'The same of pairs whose chosen completion is the longer one. Far above that of the others the model has ' +
      'learned that longer is better.',
  },
  'accuracy/chosen-shorter': {
    label: 'chosen shorter',
    unit: 'fraction',
    better: 'higher',
    doc: 'The same of pairs whose chosen completion is the shorter one.',
  },
  'accuracy/calibration-error': {
    label: 'calibration error',
    unit: 'fraction',
    better: 'lower',
    doc:
      'How far what a reward model says of itself, σ of the lead, lies from how often it is right, mean over ' +
      'held-out pairs in five bins (Guo et al. 2017).',
  },
  'accuracy/rank-correlation': {
    label: 'Kendall’s τ',
    unit: 'τ',
    better: 'higher',
    doc:
      'Of rated texts held out: τ-b of scores and ratings, 1 for the same order, 0 for none (Kendall 1945). Of ' +
      'rankings the mean of each.',
  },
  'accuracy/ties': {
    label: 'ties told',
    unit: 'fraction',
    better: 'higher',
    doc:
      'Of held-out rankings: groups of equally good completions whose scores differ less from one another than from ' +
      'those of the better and the worse ones, in the right order (as in RewardBench 2).',
  },
  'margin/held-out': {
    label: 'held out',
    unit: 'score',
    better: 'higher',
    doc: 'Mean score of chosen minus rejected on held-out pairs; in DPO of β · log(π / π_ref).',
  },
  'margin/between-heads': {
    label: 'between heads',
    unit: 'score',
    better: 'lower',
    doc:
      'Of a reward model with several heads: the deviation between what they say of r⁺ − r⁻, mean over held-out ' +
      'pairs. Near the margin itself, they guess.',
  },
} as const satisfies Readonly<Record<string, Metric>>
