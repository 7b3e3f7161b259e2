/** How completions are sampled, as typed in a form; refused where it is typed. */
import {
  samplingFields,
  samplingNames,
  samplingSchema,
  typedSampling,
  type SamplingName,
  type SamplingSettings,
} from '../../src-shared/sampling'

export type SamplingTexts = Readonly<Record<SamplingName, string>>
export type SamplingProblems = Partial<Record<SamplingName, string>>

const plain = samplingNames.map((name) => [name, String(samplingFields[name].default)])

export const plainSampling = Object.fromEntries(plain) as SamplingTexts

/**
 * The settings when all of them hold, else what is wrong with each. A form may have more fields than these.
 */
export function parseSampling(texts: SamplingTexts): {
  readonly sampling?: SamplingSettings
  readonly problems: SamplingProblems
} {
  const values = Object.fromEntries(samplingNames.map((name) => [name, typedSampling(name, texts[name])]))
  const parsed = samplingSchema.safeParse(values)
  if (parsed.success) return { sampling: parsed.data, problems: {} }
  const problems: SamplingProblems = {}
  for (const { path, message } of parsed.error.issues) problems[path[0] as SamplingName] ??= message
  return { problems }
}
