/**
 * A way to judge what models write: what is asked of a person, what an answer is, and what is learned from it. One file
 * a mode and one row in modes.ts.
 */
import type { ZodError, ZodType } from 'zod'
import type { DatasetKind } from '../records/dataset'
import type { ExampleParts } from '../records/example'
import type { Prompt } from '../records/turn'
import type { RecipeName } from '../recipes/recipes'

/** What is judged: one completion or several of one prompt, in the order in which they are shown. */
export interface Judged {
  readonly prompt: Prompt
  readonly candidates: readonly string[]
}

/** One thing that two people can agree on: the same name, the same value. */
export interface Opinion {
  readonly about: string
  readonly value: number
}

export interface LabelMode<Answer> {
  readonly title: string
  /** What is asked, for whoever chooses. */
  readonly doc: string
  /** What it makes, after a number: "rating". */
  readonly unit: string
  /** Completions that are written of a prompt; of a ranking as many as its queue says. */
  readonly writes: 1 | 2 | 'completions'
  readonly kind: DatasetKind
  /** The recipe that learns from it, and its input that takes it. */
  readonly trains: {
    readonly recipe: RecipeName
    readonly input: string
    readonly label: string
  }
  readonly answer: ZodType<Answer>
  /** Whether two values that lie closer agree more. */
  readonly scale: 'nominal' | 'ordinal'
  /** What the form of an answer cannot know. */
  problem(judged: Judged, answer: Answer): string | undefined
  examples(judged: Judged, answer: Answer): readonly ExampleParts[]
  opinions(judged: Judged, answer: Answer): readonly Opinion[]
  /** What several people say together; without it each answer is learned from by itself. */
  consensus?(judged: Judged, answers: readonly Answer[]): Answer
  /** In a list of what was said last. */
  text(answer: Answer): string
}

/** An answer that was read: what is made of it. */
export interface Said {
  readonly examples: readonly ExampleParts[]
  readonly opinions: readonly Opinion[]
}

/** A mode whose answers come from outside: each is checked before anything is made of it. */
export interface LabelModeRow extends Omit<
  LabelMode<never>,
  'answer' | 'problem' | 'examples' | 'opinions' | 'consensus' | 'text'
> {
  /** @returns what is wrong with the answer, in words, or what it says */
  readonly read: (judged: Judged, answer: unknown) => Said | string
  /** In a list of what was said last; empty for what cannot be read. */
  readonly said: (answer: unknown) => string
  /** Examples of what several people said of the same; answers that cannot be read are passed over. */
  readonly together: (judged: Judged, answers: readonly unknown[]) => readonly ExampleParts[]
}

export function modeRow<Answer>(mode: LabelMode<Answer>): LabelModeRow {
  const { answer: schema, problem, examples, opinions, consensus, text, ...facts } = mode
  const sound = (judged: Judged, given: unknown): Answer | undefined => {
    const parsed = schema.safeParse(given)
    const isSound = parsed.success && judged.candidates.length > 0
    return isSound && problem(judged, parsed.data) === undefined ? parsed.data : undefined
  }
  return {
    ...facts,
    read: (judged, given) => {
      const parsed = schema.safeParse(given)
      if (!parsed.success) return problemText(parsed.error)
      const wrong = problem(judged, parsed.data)
      if (wrong !== undefined) return wrong
      return {
        examples: examples(judged, parsed.data),
        opinions: opinions(judged, parsed.data),
      }
    },
    said: (given) => {
      const parsed = schema.safeParse(given)
      return parsed.success ? text(parsed.data) : ''
    },
    together: (judged, given) => {
      const read = given.flatMap((each) => sound(judged, each) ?? [])
      const joined = consensus && read.length > 1 ? [consensus(judged, read)] : read
      return joined.flatMap((each) => examples(judged, each))
    },
  }
}

function problemText({ issues }: ZodError): string {
  const [first] = issues
  return `${first?.path.length ? `${first.path.join('.')} ` : ''}${first?.message ?? 'cannot be read'}`
}
