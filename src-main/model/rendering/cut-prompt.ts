/**
 * A prompt that is too long for a model, cut at its beginning: what stands last is what is asked. Of a conversation
 * the oldest turns go first, never the system's at its head; a single turn keeps the end of its text.
 */
import type { Conversation, Prompt } from '../../../src-shared/records/turn'

/**
 * The longest end of a prompt that has at most so many tokens; undefined where not even one character of it fits.
 * @param tokensOf of a prompt as the model reads it; Infinity of one that its template refuses
 */
export function cutPrompt(
  prompt: Prompt,
  most: number,
  tokensOf: (prompt: Prompt) => number,
): Prompt | undefined {
  const fits = (each: Prompt): boolean => tokensOf(each) <= most
  if (typeof prompt === 'string') return longestEnd(prompt, fits)
  const shorter = withoutOldest(prompt).find(fits)
  if (shorter) return shorter
  const last = prompt.turns.at(-1)
  if (!last) return undefined
  const saying = (content: string): Conversation => ({
    ...prompt,
    turns: [...headOf(prompt), { ...last, content }],
  })
  const content = longestEnd(last.content, (end) => fits(saying(end)))
  return content === undefined ? undefined : saying(content)
}

const headOf = ({ turns: [first, ...others] }: Conversation) =>
  first?.role === 'system' && others.length > 0 ? [first] : []

/** The same conversation from its second turn on, from its third, … to its last one alone. */
function withoutOldest(prompt: Conversation): readonly Conversation[] {
  const head = headOf(prompt)
  const rest = prompt.turns.slice(head.length)
  return rest.slice(1).map((_, index) => ({ ...prompt, turns: [...head, ...rest.slice(index + 1)] }))
}

/** Whole characters: half of one that has two code units is none. */
function longestEnd(text: string, fits: (end: string) => boolean): string | undefined {
  const characters = [...text]
  let [from, until] = [0, characters.length]
  while (from < until) {
    const middle = Math.floor((from + until) / 2)
    if (fits(characters.slice(middle).join(''))) until = middle
    else from = middle + 1
  }
  return from === characters.length ? undefined : characters.slice(from).join('')
}
