/** Sampling as it is typed on the command line. */
import { kebabCase } from '../../src-shared/fields'
import { StudioFailure } from '../../src-shared/result'
import {
  samplingNames,
  samplingSchema,
  typedSampling,
  type SamplingName,
  type SamplingSettings,
} from '../../src-shared/sampling'

/** @throws StudioFailure at the first flag that does not hold */
export function samplingFrom(options: Readonly<Partial<Record<SamplingName, string>>>): SamplingSettings {
  const given = samplingNames.flatMap((name) => {
    const text = options[name]
    return text === undefined ? [] : [[name, typedSampling(name, text)] as const]
  })
  const parsed = samplingSchema.safeParse(Object.fromEntries(given))
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  throw new StudioFailure({
    kind: 'invalid-input',
    field: `--${kebabCase(String(issue?.path[0]))}`,
    problem: issue?.message ?? 'is not valid',
  })
}
