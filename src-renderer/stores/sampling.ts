/** How completions are sampled, as typed in a form; refused where it is typed. */
import {
  samplingFields,
  samplingNames,
  samplingSchema,
  type SamplingSettings,
} from '../../src-shared/sampling'

export type SamplingTexts = Readonly<Record<keyof SamplingSettings, string>>
export type SamplingProblems = Partial<Record<keyof SamplingSettings, string>>

const plain = samplingNames.map((name) => [name, String(samplingFields[name].default)])

export const plainSampling = Object.fromEntries(plain) as SamplingTexts

/**
 * The settings when all of them hold, else what is wrong with each. A form may have more fields than these.
 */
export function parseSampling(texts: SamplingTexts): {
  readonly sampling?: SamplingSettings
  readonly problems: SamplingProblems
} {
  const values = Object.fromEntries(samplingNames.map((name) => [name, numberIn(texts[name])]))
  const parsed = samplingSchema.safeParse(values)
  if (parsed.success) return { sampling: parsed.data, problems: {} }
  const problems: SamplingProblems = {}
  for (const { path, message } of parsed.error.issues) problems[path[0] as keyof SamplingSettings] ??= message
  return { problems }
}

const numberIn = (text: string): number => (text.trim() === '' ? Number.NaN : Number(text))
