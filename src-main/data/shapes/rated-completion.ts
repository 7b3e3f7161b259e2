/** A completion of a prompt with its label or rating: several of one prompt make a ranking. */
import { columnNames } from './columns'
import { besideNames } from './conversation-columns'
import { answered } from './demonstration'
import { labelIn, labelOf } from './labels'
import type { RowShape } from './shape'

export const ratedCompletion: RowShape<
  'prompt' | 'context' | 'completion' | 'label' | keyof typeof besideNames
> = {
  name: 'rated-completion',
  names: {
    prompt: columnNames.prompt,
    context: columnNames.context,
    completion: columnNames.completion,
    label: columnNames.label,
    ...besideNames,
  },
  readings: [
    {
      kind: 'labelled',
      needs: ['prompt', 'completion', 'label'],
      // a label in words that are no number tells a demonstration's class, not its worth
      fits: (first, { label = 'label' }) => labelIn(first[label]) !== undefined,
      read: (values, columns) => ({
        ...answered(values, columns, columns.completion ?? 'completion'),
        label: labelOf(values, columns.label ?? 'label'),
      }),
    },
  ],
}
