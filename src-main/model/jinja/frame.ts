/** Where a template runs: its names, the text so far, and how much work there still may be. */
import { TemplateError, Undefined, type Value } from './values'

/** A hundred times what the longest of templates takes for a conversation of a thousand turns. */
const mostSteps = 1_000_000
const mostCharacters = 64_000_000

/** What all frames of one rendering share. */
export class Work {
  private steps = 0
  /** Characters of the rendered text that stand in `{% generation %}`, as places in it. */
  readonly generated: { readonly from: number; readonly to: number }[] = []

  /** @throws TemplateError when there was too much */
  step(): void {
    if (++this.steps > mostSteps) throw new TemplateError('it does not come to an end')
  }
}

/** @throws TemplateError for a text that no model reads */
export function sound(text: string): string {
  if (text.length > mostCharacters) throw new TemplateError('it writes without an end')
  return text
}

/** After the point: all that a number has. */
export const mostDigits = 100

/** @returns so many characters, when there may be. @throws TemplateError before they are made */
export function roomFor(characters: number): number {
  if (characters > mostCharacters) throw new TemplateError('it writes without an end')
  return characters
}

/** Python's `text * count`: nothing for a count below one. */
export function times(text: string, count: number): string {
  const whole = Math.max(0, Math.trunc(count))
  roomFor(text.length * whole)
  return text.repeat(whole)
}

/** Text that is written piece by piece. */
export class Output {
  private pieces: string[] = []
  length = 0

  write(text: string): void {
    this.pieces.push(text)
    this.length += text.length
    if (this.length > mostCharacters) throw new TemplateError('it writes without an end')
  }

  text(): string {
    return this.pieces.join('')
  }
}

export class Frame {
  private readonly values = new Map<string, Value>()

  constructor(
    readonly work: Work,
    readonly output: Output,
    private readonly outer?: Frame,
  ) {}

  /** Its own names, and those of the frames around it. */
  value(name: string): Value {
    const own = this.values.get(name)
    if (own !== undefined) return own
    return this.outer ? this.outer.value(name) : new Undefined(`'${name}' is undefined`)
  }

  set(name: string, value: Value): void {
    this.values.set(name, value)
  }

  /** @param output where text goes that is not part of what stands around */
  inner(output = this.output): Frame {
    return new Frame(this.work, output, this)
  }
}
