/** Columns by what they mean. Names are taken whatever their case; other columns are not read. */

/** A row's values, by the file's own names of its columns. */
export type Values = Readonly<Record<string, unknown>>

/** The file's own name of each column that it has. */
export type Columns<M extends string> = { readonly [Meaning in M]?: string }

/** What columns are called that several shapes read. */
export const columnNames = {
  text: ['text', 'content', 'sentence', 'review', 'document', 'body'],
  label: ['label', 'labels', 'sentiment'],
  source: ['source'],
  prompt: ['prompt', 'instruction', 'question', 'query', 'input'],
  /** What an instruction or a question is about; Alpaca's "input" alone is the prompt. */
  context: ['input', 'context'],
  completion: ['completion', 'response', 'output', 'answer'],
  chosen: [
    'chosen',
    'chosen_response',
    'response_chosen',
    'chosen_answer',
    'accepted',
    'accepted_response',
    'selected',
    'selected_response',
    'preferred',
    'preferred_response',
    'preferred_answer',
    'preferred_output',
    'preferred_completion',
    'better_response',
    'better_answer',
    'good_response',
    'good_answer',
    'winning_response',
    'winner_response',
    'win',
    'response_j',
  ],
  rejected: [
    'rejected',
    'rejected_response',
    'response_rejected',
    'rejected_answer',
    'dispreferred',
    'dispreferred_response',
    'non_preferred',
    'unselected',
    'dispreferred_output',
    'non_preferred_output',
    'non_preferred_response',
    'worse_response',
    'worse_answer',
    'bad_response',
    'bad_answer',
    'losing_response',
    'loser_response',
    'lose',
    'response_k',
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
