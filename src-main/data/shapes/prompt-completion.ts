/** A prompt and what is to follow it. */
import { notBlank, textOf } from './cells'
import { columnNames } from './columns'
import { promptIn } from './prompt-column'
import type { RowShape } from './shape'

export const promptCompletion: RowShape<'prompt' | 'context' | 'completion'> = {
  name: 'prompt-completion',
  names: {
    prompt: columnNames.prompt,
    context: columnNames.context,
    completion: columnNames.completion,
  },
  readings: [
    {
      kind: 'demonstrations',
      needs: ['prompt', 'completion'],
      read: (values, columns) => {
        const { completion = 'completion' } = columns
        return {
          prompt: promptIn(values, columns),
          completion: notBlank(textOf(values, completion), completion),
        }
      },
    },
  ],
}
