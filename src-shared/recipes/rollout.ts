/** Settings of what is written for training and how it is rewarded, which all trainers that write share. */
import { choice, integer, number, text } from '../fields'
import { longestRule } from '../rewards/rule'
import { rewardsProblem } from '../rewards/terms'
import { samplingFields } from '../sampling'

export const rolloutFields = {
  rewards: text({
    group: 'Rollouts',
    default: 'reward-model + 0 * wink',
    check: rewardsProblem,
    lists: 'rewards',
    isCode: true,
    most: 3 * longestRule,
    doc:
      'What scores a completion: a sum of rewards, each with a weight that is 1 when not said. One of ' +
      'weight 0 trains nothing and is watched: when it falls while the reward rises, the reward is gamed.',
  }),
  completions: integer({
    group: 'Rollouts',
    default: 256,
    min: 2,
    max: 8192,
    unit: 'a rollout',
    doc: 'Completions sampled before each round of updates.',
  }),
  maxTokens: integer({
    group: 'Rollouts',
    default: 64,
    min: 1,
    max: 4096,
    unit: 'tokens',
    doc: 'Longest completion. One that has not ended by then is cut and pays the no-end penalty.',
  }),
  temperature: number({
    group: 'Rollouts',
    default: 1,
    min: 0.1,
    max: 5,
    doc: 'Divides the logits before sampling. Log-probabilities are of the distribution sampled.',
  }),
  topK: integer({
    group: 'Rollouts',
    default: 0,
    min: 0,
    max: 100_000,
    unit: 'tokens',
    doc: 'Samples from the k likeliest tokens; 0 is off. Log-probabilities are taken over the same tokens.',
  }),
  topP: number({
    group: 'Rollouts',
    default: 1,
    min: 0,
    isMinExcluded: true,
    max: 1,
    doc:
      'Samples from the likeliest tokens that together reach this probability; 1 is off. Log-probabilities are ' +
      'taken over the same tokens.',
  }),
  minP: number({
    group: 'Rollouts',
    default: 0,
    min: 0,
    max: 1,
    doc:
      'Samples from tokens at least so likely as this share of the likeliest; 0 is off. Log-probabilities are taken ' +
      'over the same tokens.',
  }),
  stop: {
    ...samplingFields.stop,
    group: 'Rollouts',
    doc:
      'A completion ends before this text, as if it had written its end token: it is scored without it, and learns ' +
      'to write it. Several have commas between them; \\n is a line break, \\s a space, \\, a comma.',
  },
  noEndPenalty: number({
    group: 'Rollouts',
    default: 0.02,
    min: 0,
    max: 100,
    unit: 'reward',
    doc:
      'Taken from the reward of a completion that did not write its end token or a stop text. Higher makes texts end ' +
      'sooner and so shorter: where four of ten are cut, 1 outweighs the reward itself.',
  }),
} as const

/** What PPO makes of a reward before it learns from it. */
export const ppoRewardFields = {
  maskTopP: number({
    group: 'Rollouts',
    default: 1,
    min: 0.01,
    max: 1,
    unit: 'of the probability',
    doc:
      'Experimental (NLPO, Ramamurthy et al. 2023): only tokens in the nucleus of an older policy are drawn, and ' +
      'learned among. Two reports could not repeat its gain over PPO. 1: all tokens.',
  }),
  maskEvery: integer({
    group: 'Rollouts',
    default: 5,
    min: 1,
    max: 100_000,
    unit: 'rollouts',
    doc: 'Rollouts after which the older policy of the mask becomes the newest (NLPO: 5 to 20).',
  }),
  withoutEnd: choice(['penalty', 'replaced'], {
    group: 'Rollouts',
    default: 'penalty',
    doc:
      'Penalty: a text that did not end gets its reward less the no-end penalty. Replaced: it gets the negative ' +
      'of the penalty and nothing else, whatever it says (minRLHF’s summaries: −1).',
  }),
  rewardAt: choice(['end', 'where-it-arises'], {
    group: 'Rollouts',
    default: 'end',
    doc:
      'Where a text is given its reward. End: at its last token. Where it arises: a reward that is made of parts ' +
      'gives each at the token that ends it, so that the critic need not find out; a process reward model gives at ' +
      'the end of each step what that step changes.',
  }),
  rewardScale: choice(['as-given', 'running-deviation', 'whitened-tokens'], {
    group: 'Rollouts',
    default: 'as-given',
    doc:
      'Running deviation: rewards are divided by their deviation over all rollouts so far, their mean stays ' +
      '(as in trlX). Penalties and KL are then in deviations, too. Whitened tokens: what each token is given, KL and ' +
      'penalty counted, is brought to deviation 1 over the rollout around the mean it has (Ziegler et al. 2019’s ' +
      'code; Huang et al. 2024).',
  }),
  rewardClip: number({
    group: 'Rollouts',
    default: 0,
    min: 0,
    max: 1000,
    unit: 'reward',
    doc: 'Holds a reward within plus and minus this, after scaling (trlX: 10). 0: whatever it is.',
  }),
} as const
