/**
 * How completions are sampled, declared once: form, command line, check at the border, stored queue and the
 * sampler itself read this.
 */
import { z } from 'zod'
import { defaultsOf, integer, number, schemaOf, text, type Infer } from './fields'
import { rewardModelInput } from './rewards/reward-model'
import { rewardSources } from './rewards/rewards'
import { needsCheckpoint, rewardsProblem, termsOf } from './rewards/terms'
import { stopTexts } from './stop-texts'

const asked = {
  temperature: number({
    group: 'Sampling',
    default: 1,
    min: 0,
    max: 10,
    doc: 'Divides the logits before sampling. Lower is surer of itself; 0 always takes the likeliest token.',
  }),
  topK: integer({
    group: 'Sampling',
    default: 0,
    min: 0,
    max: 1_000_000,
    unit: 'tokens',
    doc: 'Only the k likeliest tokens are drawn from; 0 is off.',
  }),
  topP: number({
    group: 'Sampling',
    default: 1,
    min: 0,
    isMinExcluded: true,
    max: 1,
    doc: 'Only the likeliest tokens that together reach this probability are drawn from; 1 is off.',
  }),
  maxTokens: integer({
    group: 'Sampling',
    default: 64,
    min: 1,
    max: 100_000,
    unit: 'tokens',
    doc: 'A completion that has not ended by then is cut.',
  }),
  seed: integer({
    group: 'Sampling',
    default: 7,
    min: 0,
    max: 4_294_967_295,
    doc: 'The same seed writes the same text: what differs between two checkpoints is then their doing.',
  }),
} as const

/** Off unless asked for. What is off is left out of a request and of a stored queue. */
const further = {
  minP: number({
    group: 'Sampling',
    default: 0,
    min: 0,
    max: 1,
    doc:
      'Only tokens at least so likely as this share of the likeliest one are drawn from; 0 is off (Nguyen et ' +
      'al. 2024).',
  }),
  typicalP: number({
    group: 'Sampling',
    default: 1,
    min: 0,
    isMinExcluded: true,
    max: 1,
    doc:
      'Only the tokens whose surprise is nearest to the expected one, until they reach this probability, are ' +
      'drawn from; 1 is off (Meister et al. 2022).',
  }),
  repetitionPenalty: number({
    group: 'Sampling',
    default: 1,
    min: 0,
    isMinExcluded: true,
    max: 10,
    doc:
      'Logits of tokens that prompt and text have already are divided by this when above 0, else multiplied; ' +
      '1 is off (Keskar et al. 2019).',
  }),
  uniqueNgram: integer({
    group: 'Sampling',
    default: 0,
    min: 0,
    max: 1000,
    unit: 'tokens',
    doc: 'No run of so many tokens is written twice, the prompt’s counted; 0 is off.',
  }),
  stop: text({
    group: 'Sampling',
    default: '',
    doc:
      'A completion ends before this text. Several have commas between them; \\n is a line break, \\s a space, ' +
      '\\, a comma.',
    check: (written) => {
      const found = stopTexts(written)
      return typeof found === 'string' ? found : undefined
    },
  }),
  bestOf: integer({
    group: 'Sampling',
    default: 1,
    min: 1,
    max: 64,
    unit: 'completions',
    doc:
      'So many are written, and the one that the scorer scores highest is kept; 1 is off. It is at most ln n − ' +
      '(n − 1)/n nats from what is drawn from (Stiennon et al. 2020, App. G.3).',
  }),
  scorer: text({
    group: 'Sampling',
    default: '',
    doc: 'Of best of n: what scores, as a run’s rewards are written: lexicon, or reward-model + -0.5 * repetition.',
    check: (written) => (written === '' ? undefined : scorerProblem(written)),
  }),
  scorerModel: text({
    group: 'Sampling',
    default: '',
    doc: 'Of best of n with a reward model: the name or id of its checkpoint.',
  }),
} as const

/** What is wrong with rewards that are to pick one of several completions, in words. */
function scorerProblem(rewards: string): string | undefined {
  const problem = rewardsProblem(rewards)
  if (problem !== undefined) return problem
  const sources = termsOf(rewards).map(({ source }) => source)
  const against = sources.find((source) => rewardSources[source].references === 'needed')
  if (against !== undefined) return `has ${against}, which needs references: there are none beside a prompt`
  return sources.includes('person') ? 'has a person: read and pick for yourself' : undefined
}

export const samplingFields = { ...asked, ...further } as const

/** What is used where nothing else is said. */
export const usualSampling: SamplingSettings = defaultsOf(asked)

export type SamplingSettings = Infer<typeof asked> & Partial<Infer<typeof further>>

export type SamplingName = keyof typeof samplingFields

export const samplingNames = Object.keys(samplingFields) as readonly SamplingName[]

/** A sentence for each way of being wrong; what is off is left out of what comes back. */
export const samplingSchema: z.ZodType<SamplingSettings> = z
  .strictObject({
    ...Object.fromEntries(Object.entries(asked).map(([name, field]) => [name, schemaOf(field)])),
    ...Object.fromEntries(Object.entries(further).map(([name, field]) => [name, schemaOf(field).optional()])),
  })
  .superRefine(
    ({ bestOf = 1, scorer = '', scorerModel = '' }: Readonly<Record<string, unknown>>, context) => {
      const problem = (path: string, message: string) =>
        context.addIssue({ code: 'custom', path: [path], message })
      if (Number(bestOf) > 1 && scorer === '')
        problem('scorer', 'must say what picks the best, as in lexicon')
      if (scorer !== '' && scorerModel === '' && needsCheckpoint(String(scorer), rewardModelInput(1)))
        problem('scorerModel', 'must name the checkpoint of the reward model that picks')
    },
  )
  .transform((values: Readonly<Record<string, unknown>>) => withoutOff(values) as SamplingSettings)

const withoutOff = (values: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(values).filter(
      ([name, value]) =>
        value !== undefined && !(name in further && value === further[name as Further].default),
    ),
  )

type Further = keyof typeof further

/** What was typed for a field, as the schema reads it. */
export const typedSampling = (name: SamplingName, typed: string): number | string => {
  if (samplingFields[name].type === 'text') return typed
  return typed.trim() === '' ? Number.NaN : Number(typed)
}
