/** Columns by what they mean. Names are taken whatever their case; other columns are not read. */

/** A row's values, by the file's own names of its columns. */
export type Values = Readonly<Record<string, unknown>>

/** The file's own name of each column that it has. */
export type Columns<M extends string> = { readonly [Meaning in M]?: string }

/** What an answer is called beside the word that says how good it is. */
const ANSWERS = ['response', 'answer', 'output', 'completion', 'text', 'messages', 'conversation']

/** "chosen_response", "response_chosen" … */
function sides(words: readonly string[]): readonly string[] {
  return words.flatMap((word) => ANSWERS.flatMap((answer) => [`${word}_${answer}`, `${answer}_${word}`]))
}

/** What columns are called that several shapes read. */
export const columnNames = {
  text: ['text', 'content', 'sentence', 'review', 'document', 'body'],
  label: ['label', 'labels', 'sentiment'],
  /** What a demonstration may be rated by, beside a label. */
  rating: ['kto_tag', 'rating', 'thumbs_up'],
  source: ['source'],
  /** By how much a pair's chosen one is better. */
  margin: ['margin'],
  prompt: ['prompt', 'instruction', 'question', 'query', 'input', 'problem'],
  /** What an instruction or a question is about; Alpaca's "input" alone is the prompt. */
  context: [
    'input',
    'context',
    'passage',
    'paragraph',
    'background',
    'reference_text',
    'contexts',
    'passages',
  ],
  completion: ['completion', 'response', 'output', 'answer', 'solution'],
  chosen: [
    ...['chosen', 'accepted', 'selected', 'preferred', 'win', 'y_w', 'response_j', 'response_w', 'answer_w'],
    ...sides(['chosen', 'accepted', 'selected', 'preferred', 'better', 'good', 'best', 'winning', 'winner']),
    ...sides(['win', 'pos', 'positive']),
  ],
  rejected: [
    ...['rejected', 'dispreferred', 'non_preferred', 'unselected', 'lose', 'y_l', 'response_k', 'response_l'],
    'answer_l',
    ...sides([
      'rejected',
      'dispreferred',
      'non_preferred',
      'unselected',
      'worse',
      'bad',
      'worst',
      'losing',
      'loser',
    ]),
    ...sides(['lose', 'neg', 'negative']),
  ],
} as const

/** The first name of each list wins that the file has. */
export function columnsIn<M extends string>(
  names: Readonly<Record<M, readonly string[]>>,
  found: readonly string[],
): Columns<M> {
  const columns: { [Meaning in M]?: string } = {}
  for (const meaning of Object.keys(names) as M[]) {
    const match = names[meaning]
      .map((name) => found.find((each) => each.trim().toLowerCase() === name))
      .find((name) => name !== undefined)
    if (match !== undefined) columns[meaning] = match
  }
  return columns
}
