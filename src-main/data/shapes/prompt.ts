/** A prompt alone: what a policy is asked. */
import { notBlank } from './cells'
import { columnNames } from './columns'
import { promptIn } from './prompt-column'
import type { RowShape } from './shape'

export const prompt: RowShape<'prompt' | 'context'> = {
  name: 'prompt',
  names: { prompt: columnNames.prompt, context: columnNames.context },
  readings: [
    {
      kind: 'prompts',
      needs: ['prompt'],
      read: (values, columns) => ({
        prompt: notBlank(promptIn(values, columns), columns.prompt ?? 'prompt'),
      }),
    },
  ],
}
