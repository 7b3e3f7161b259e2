/** A prompt and what is to follow it. */
import { columnNames } from './columns'
import { besideNames } from './conversation-columns'
import { answered } from './demonstration'
import type { RowShape } from './shape'

/** What a rule or a person holds an answer against. */
const references = [
  'ground_truth',
  'reference_answer',
  'expected_answer',
  'final_answer',
  'correct_answer',
] as const

/** What a summary is of. */
const summarised = ['document', 'article', 'dialogue', 'post'] as const

export const promptCompletion: RowShape<'prompt' | 'context' | 'completion' | keyof typeof besideNames> = {
  name: 'prompt-completion',
  names: {
    prompt: [...columnNames.prompt, 'user_input', 'inputs', 'user', 'human', 'context', ...summarised],
    context: columnNames.context,
    completion: [
      ...columnNames.completion,
      'targets',
      'target',
      'assistant',
      'gpt',
      'bot',
      'summary',
      'highlights',
      'answers',
      ...references,
    ],
    ...besideNames,
  },
  readings: [
    {
      kind: 'demonstrations',
      needs: ['prompt', 'completion'],
      read: (values, columns) => answered(values, columns, columns.completion ?? 'completion'),
    },
  ],
}
