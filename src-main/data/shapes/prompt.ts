/** A prompt alone: what a policy is asked. */
import { columnNames } from './columns'
import { besideNames } from './conversation-columns'
import { promptAlone } from './demonstration'
import type { RowShape } from './shape'

export const prompt: RowShape<'prompt' | 'context' | keyof typeof besideNames> = {
  name: 'prompt',
  names: { prompt: columnNames.prompt, context: columnNames.context, ...besideNames },
  readings: [
    {
      kind: 'prompts',
      needs: ['prompt'],
      read: (values, columns) => ({ prompt: promptAlone(values, columns) }),
    },
  ],
}
