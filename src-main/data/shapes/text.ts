/** A text alone: what is learned is all of it. */
import { notBlank, textOf } from './cells'
import { columnNames, type Columns, type Values } from './columns'
import type { RowShape } from './shape'

const textIn = (values: Values, { text = 'text' }: Columns<'text'>): string => textOf(values, text)

const completionIn = (values: Values, columns: Columns<'text'>): { readonly completion: string } => ({
  completion: notBlank(textIn(values, columns), columns.text ?? 'text'),
})

export const text: RowShape<'text' | 'prompt'> = {
  name: 'text',
  names: { text: columnNames.text, prompt: columnNames.prompt },
  readings: [
    { kind: 'text', needs: ['text'], read: completionIn },
    {
      kind: 'demonstrations',
      needs: ['text'],
      isOnlyAsked: true,
      fits: (_, { prompt }) => prompt === undefined,
      read: completionIn,
    },
    {
      kind: 'prompts',
      needs: ['text'],
      isOnlyAsked: true,
      read: (values, columns) => ({ prompt: notBlank(textIn(values, columns), 'prompt') }),
    },
  ],
}
