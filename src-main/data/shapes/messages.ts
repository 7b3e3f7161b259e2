/** A conversation as a list of messages: its last assistant turn answers all that comes before it. */
import { demonstrationOf } from './transcript'
import type { RowShape } from './shape'
import { turnsIn } from './turns'

export const messages: RowShape<'messages'> = {
  name: 'messages',
  names: { messages: ['messages', 'conversations', 'conversation'] },
  readings: [
    {
      kind: 'demonstrations',
      needs: ['messages'],
      read: (values, { messages: name = 'messages' }) => demonstrationOf(turnsIn(values, name), name),
    },
    {
      kind: 'prompts',
      needs: ['messages'],
      isOnlyAsked: true,
      read: (values, { messages: name = 'messages' }) => ({
        prompt: demonstrationOf(turnsIn(values, name), name).prompt,
      }),
    },
  ],
}
