/** How completions are sampled, as typed in a form; refused where it is typed. */
import { samplingSchema } from '../../src-shared/contract'
import type { SamplingSettings } from '../../src-shared/records/sample'

export type SamplingTexts = Readonly<Record<keyof SamplingSettings, string>>
export type SamplingProblems = Partial<Record<keyof SamplingSettings, string>>

export const plainSampling: SamplingTexts = {
  temperature: '1',
  topK: '0',
  topP: '1',
  maxTokens: '64',
  seed: '7',
}

const names = Object.keys(plainSampling) as (keyof SamplingSettings)[]

/**
 * The settings when all of them hold, else what is wrong with each. A form may have more fields than these.
 */
export function parseSampling(texts: SamplingTexts): {
  readonly sampling?: SamplingSettings
  readonly problems: SamplingProblems
} {
  const values = Object.fromEntries(
    names.map((name) => [name, texts[name].trim() === '' ? Number.NaN : Number(texts[name])]),
  )
  const parsed = samplingSchema.safeParse(values)
  if (parsed.success) return { sampling: parsed.data, problems: {} }
  const problems: SamplingProblems = {}
  for (const issue of parsed.error.issues) {
    const name = issue.path[0] as keyof SamplingSettings
    problems[name] ??= sentence(name, Number(values[name]))
  }
  return { problems }
}

const bounds: Readonly<Record<keyof SamplingSettings, string>> = {
  temperature: 'must be between 0 and 10',
  topK: 'must be 0 (off) or more',
  topP: 'must be above 0, at most 1',
  maxTokens: 'must be 1 to 100,000',
  seed: 'must be 0 to 4,294,967,295',
}

function sentence(name: keyof SamplingSettings, value: number): string {
  if (Number.isNaN(value)) return 'must be a number'
  const isWhole = name === 'temperature' || name === 'topP' || Number.isInteger(value)
  return isWhole ? bounds[name] : 'must be a whole number'
}
