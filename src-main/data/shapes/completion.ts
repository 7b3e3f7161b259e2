/** A completion without a prompt is a text. */
import { notBlank, textOf } from './cells'
import { columnNames } from './columns'
import type { RowShape } from './shape'

export const completion: RowShape<'completion'> = {
  name: 'completion',
  names: { completion: columnNames.completion },
  readings: [
    {
      kind: 'text',
      needs: ['completion'],
      read: (values, { completion: name = 'completion' }) => ({
        completion: notBlank(textOf(values, name), name),
      }),
    },
  ],
}
