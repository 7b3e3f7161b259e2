/** Conversations of the sample project: every one follows from its number. */
import type { Conversation, Turn } from '../../src-shared/records/turn'

const things = ['kettle', 'tent', 'lamp', 'blanket']
const nth = (all: readonly string[], index: number): string => all[index % all.length] ?? ''

/** Two out of three use a tool; one in five is asked in a script that runs from right to left. */
export function conversationAt(index: number): Conversation {
  const asked =
    index % 5 === 4
      ? 'هل الغلاية السوداء متوفرة، وهل تصل يوم الجمعة؟'
      : `Is the black ${nth(things, index)} in stock?`
  return {
    turns: [
      {
        role: 'system',
        content: 'You help in a shop. Use the tool for stock and dates. Never promise a day.',
      },
      { role: 'user', content: asked },
    ],
    ...(index % 3 !== 0 && {
      tools: [{ type: 'function', function: { name: 'stock', parameters: { item: { type: 'string' } } } }],
      templateArguments: { enable_thinking: true },
    }),
  }
}

export function answerAt(index: number): readonly Turn[] {
  const looked: readonly Turn[] = [
    {
      role: 'assistant',
      content: '',
      reasoning: 'Stock and shipping are in the tool. Ask for the one named.',
      toolCalls: [{ id: 'c1', name: 'stock', arguments: { item: `${nth(things, index)}, black` } }],
    },
    { role: 'tool', content: '{"left": 4, "ships_in_days": 2}', toolName: 'stock', toolCallId: 'c1' },
  ]
  return [
    ...(index % 3 === 0 ? [] : looked),
    { role: 'assistant', content: 'Yes, 4 are left. Ordered today it leaves in two days.' },
    { role: 'user', content: 'And the red one?' },
    { role: 'assistant', content: 'The red one is sold out; the black one is the faster choice.' },
  ]
}
