/** A text, or a completion, with its label. */
import { notBlank, textOf } from './cells'
import { columnNames } from './columns'
import { labelOf } from './labels'
import type { RowShape } from './shape'

export const labelledText: RowShape<'text' | 'label'> = {
  name: 'labelled-text',
  names: { text: [...columnNames.text, ...columnNames.completion], label: columnNames.label },
  readings: [
    {
      kind: 'labelled',
      needs: ['text', 'label'],
      read: (values, { text = 'text', label = 'label' }) => ({
        completion: notBlank(textOf(values, text), text),
        label: labelOf(values, label),
      }),
    },
  ],
}
