/**
 * What a trainer says no to before any work: data it cannot learn from. The same sentences stand beside the
 * input in the launch form.
 */
import { StudioFailure, type FieldProblem } from '../../src-shared/result'

/** @throws StudioFailure naming the recipe's input or setting */
export function refuse(field: string, problem: string): never {
  throw new StudioFailure({ kind: 'refused-settings', problems: [{ field, problem }] })
}

/** What a check refuses of settings and inputs; anything else it throws is a bug and goes on. */
export function problemsOf(check: () => void): readonly FieldProblem[] {
  try {
    check()
    return []
  } catch (error) {
    if (!(error instanceof StudioFailure) || error.error.kind !== 'refused-settings') throw error
    return error.error.problems
  }
}

/** @throws StudioFailure when there is nothing to learn from */
export function refuseEmpty(field: string, examples: readonly unknown[], what: string): void {
  if (examples.length === 0) refuse(field, `has no ${what}: choose a dataset with at least one`)
}

/** What a text is to blame for: a character that is unknown, turns that a chat template refuses. */
const isOfText: ReadonlySet<string> = new Set(['UnknownCharacterError', 'RenderingError'])

/**
 * Reads the examples of an input, each once: what is read of a text is its token ids, and reading them finds
 * what the tokenizer does not know.
 * @throws StudioFailure naming the first example with an unknown character
 */
export function readEach<Example, Read>(
  field: string,
  examples: readonly Example[],
  read: (example: Example) => Read,
): Read[] {
  return examples.map((example, index) => {
    try {
      return read(example)
    } catch (error) {
      if (!(error instanceof Error) || !isOfText.has(error.name)) throw error
      return refuse(field, `text ${index + 1}: ${error.message}`)
    }
  })
}

/**
 * @param promptTokens of each prompt, its begin token not counted
 * @throws StudioFailure when a prompt leaves no position to write a completion in
 */
export function refuseLongPrompts(
  field: string,
  promptTokens: readonly number[],
  contextTokens: number,
): void {
  const index = promptTokens.findIndex((tokens) => tokens >= contextTokens)
  if (index < 0) return
  refuse(
    field,
    `text ${index + 1}: the prompt has ${promptTokens[index]} tokens; this model reads ${contextTokens} ` +
      `tokens in all, so its prompts can have at most ${contextTokens - 1}`,
  )
}
