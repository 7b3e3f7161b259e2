/** A setting declared once, as data: form, validation, command line and stored run read the same row. */
import { z } from 'zod'
import type { FieldProblem } from './result'

interface Described {
  /** What it does, what higher and lower do, and its source. Shown as help. */
  readonly doc: string
  /** Heading it stands under in the form. */
  readonly group: string
  /** Values of other settings with which it means something; with others a form does not show it. */
  readonly shownWhen?: Readonly<Record<string, string | readonly string[]>>
}

export interface NumberField extends Described {
  readonly type: 'number' | 'integer'
  readonly default: number
  readonly min: number
  /** The smallest value itself is refused. */
  readonly isMinExcluded?: true
  readonly max: number
  readonly unit?: string
}

export interface ChoiceField<C extends string = string> extends Described {
  readonly type: 'choice'
  readonly default: C
  readonly choices: readonly C[]
}

/** A line of text. One whose default says something must say something. */
export interface TextField extends Described {
  readonly type: 'text'
  readonly default: string
  /** What is wrong with a text, in words; undefined when nothing is. */
  readonly check?: (text: string) => string | undefined
  /** Written over several lines, in letters of one width; spaces around it stay. */
  readonly isCode?: true
  /** Characters it can have; else a thousand. */
  readonly most?: number
  /** What the text is a list of, where a form can show it as one. */
  readonly lists?: 'rewards'
}

export type Field = NumberField | ChoiceField | TextField
export type Fields = Readonly<Record<string, Field>>

/** The values of a table of fields. */
export type Infer<F extends Fields> = {
  readonly [K in keyof F]: F[K] extends ChoiceField<infer C> ? C : F[K] extends TextField ? string : number
}
export type SettingsValues = Readonly<Record<string, number | string>>

type NumberRow = Omit<NumberField, 'type'>

export const number = (row: NumberRow): NumberField => ({ type: 'number', ...row })
export const integer = (row: NumberRow): NumberField => ({ type: 'integer', ...row })
export const choice = <const C extends string>(
  choices: readonly C[],
  row: Described & { readonly default: NoInfer<C> },
): ChoiceField<C> => ({ type: 'choice', choices, ...row })
export const text = (row: Omit<TextField, 'type'>): TextField => ({ type: 'text', ...row })

const longestText = 1000

/** What a number counts or measures; undefined where nothing is said, and of what is no number. */
export const unitOf = (field: Field): string | undefined => ('unit' in field ? field.unit : undefined)

/** The zod schema of one field, with a sentence for each way of being wrong. */
export function schemaOf(field: Field): z.ZodType<number | string> {
  if (field.type === 'choice') {
    return z.enum(field.choices as readonly [string, ...string[]], {
      error: `must be one of ${field.choices.join(', ')}`,
    })
  }
  if (field.type === 'text') return textSchema(field)
  return numberSchema(field)
}

function textSchema(field: TextField): z.ZodType<string> {
  const { default: usual, isCode, most = longestText, check } = field
  const text = z.string({ error: 'must be text' })
  return (isCode ? text : text.trim())
    .min(usual === '' ? 0 : 1, { error: 'must not be empty' })
    .max(most, { error: `must be at most ${most} characters` })
    .superRefine((value, context) => {
      const problem = check?.(value)
      if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
    })
}

function numberSchema(field: NumberField): z.ZodType<number> {
  const error = outOfBounds(field)
  const base =
    field.type === 'integer'
      ? z.int({ error: 'must be a whole number' })
      : z.number({ error: 'must be a number' })
  const above = field.isMinExcluded ? base.gt(field.min, { error }) : base.min(field.min, { error })
  return above.max(field.max, { error })
}

function outOfBounds({ min, isMinExcluded, max, unit }: NumberField): string {
  const bounds = isMinExcluded
    ? `above ${numeral(min)}, at most ${numeral(max)}`
    : `between ${numeral(min)} and ${numeral(max)}`
  return `must be ${bounds}${unit ? ` ${unit}` : ''}`
}

/** 100,000, but 1e-8. */
const numeral = (value: number): string => (value >= 10_000 ? value.toLocaleString('en') : String(value))

/** The zod schema of a whole table: each value given, none unknown. */
export function schemaOfAll<F extends Fields>(fields: F): z.ZodType<Infer<F>> {
  const shape = Object.entries(fields).map(([name, field]) => [name, schemaOf(field)] as const)
  return z
    .strictObject(Object.fromEntries(shape))
    .transform((values: Readonly<Record<string, unknown>>) => values as Infer<F>)
}

/** Reads settings over the defaults. Unknown names are problems too: nothing is silently ignored. */
export function parseSettings<F extends Fields>(
  fields: F,
  given: Readonly<Record<string, unknown>>,
  whose: 'recipe' | 'reward' = 'recipe',
): { readonly settings: Infer<F>; readonly problems: readonly FieldProblem[] } {
  const problems: FieldProblem[] = []
  const settings: Record<string, unknown> = {}
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(fields, name))
      problems.push({ field: name, problem: `is not a setting of this ${whose}` })
  }
  for (const [name, field] of Object.entries(fields)) {
    const parsed = schemaOf(field).safeParse(given[name] ?? field.default)
    if (parsed.success) settings[name] = parsed.data
    else problems.push({ field: name, problem: parsed.error.issues[0]?.message ?? 'is not valid' })
  }
  return { settings: settings as Infer<F>, problems }
}

/** All defaults of a table. */
export const defaultsOf = <F extends Fields>(fields: F): Infer<F> => parseSettings(fields, {}).settings

/** Whether a setting means something beside these values, given or as text. */
export const isShown = ({ shownWhen = {} }: Field, values: Readonly<Record<string, unknown>>): boolean =>
  Object.entries(shownWhen).every(([name, wanted]) => [wanted].flat().some((value) => values[name] === value))

/** `learningRate` → `learning-rate`, the name on the command line. */
export const kebabCase = (name: string): string =>
  name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

/** `learningRate` → `Learning rate`, the label in a form. */
export const labelOf = (name: string): string => {
  const words = kebabCase(name)
    .replaceAll('-', ' ')
    .replace(/\bkl\b/, 'KL')
    .replace(/\blora\b/, 'LoRA')
  return words.charAt(0).toUpperCase() + words.slice(1)
}
