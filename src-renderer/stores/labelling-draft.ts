/** How a new queue is to be judged, as typed in its form; refused where it is typed. */
import { labellingSchema, plainLabelling, type Labelling } from '../../src-shared/records/labelling'

export const plainLabellingTexts = {
  mode: plainLabelling.mode as string,
  completions: String(plainLabelling.completions),
  people: String(plainLabelling.people),
  repeatEvery: String(plainLabelling.repeatEvery),
  order: plainLabelling.order as string,
  labels: plainLabelling.labels as string,
  longPrompts: plainLabelling.longPrompts as string,
  scoredBy: '',
}
export type LabellingTexts = Readonly<typeof plainLabellingTexts>

export interface TypedLabelling {
  /** Absent where it is plain, or something is wrong. */
  readonly labelling?: Labelling
  readonly problems: Partial<Record<keyof LabellingTexts, string>>
}

/** Nothing typed is no number, not zero. */
const numberIn = (text: string): number => (/^\s*\d+\s*$/.test(text) ? Number(text) : Number.NaN)

export function labelledBy(texts: LabellingTexts): TypedLabelling {
  const { mode, order, labels, longPrompts, scoredBy } = texts
  if (order === 'uncertain' && scoredBy === '')
    return { problems: { scoredBy: 'Choose the reward model that says what it is least sure of.' } }
  const parsed = labellingSchema.safeParse({
    ...{ mode, order, labels, longPrompts },
    completions: numberIn(texts.completions),
    people: numberIn(texts.people),
    repeatEvery: numberIn(texts.repeatEvery),
    ...(scoredBy !== '' && { scoredBy }),
  })
  if (parsed.success)
    return isPlain(parsed.data) ? { problems: {} } : { labelling: parsed.data, problems: {} }
  const problems: TypedLabelling['problems'] = {}
  for (const { path } of parsed.error.issues)
    problems[path[0] as keyof LabellingTexts] ??= 'must be a whole number within its bounds'
  return { problems }
}

const isPlain = (labelling: Labelling): boolean =>
  (Object.keys(labelling) as (keyof Labelling)[]).every((key) => labelling[key] === plainLabelling[key])
