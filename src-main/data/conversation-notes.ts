/** What an import says of its conversations: how they were read where that could have been done otherwise. */
import type { ExampleParts } from '../../src-shared/records/example'
import type { Turn } from '../../src-shared/records/turn'
import { countOf } from '../../src-shared/sizes'
import { isConversation, isTurns } from '../../src-shared/turn-texts'
import type { Renamed } from './shapes/renamed-roles'
import { tallies, tally, type Counted, type Where } from './tally'

export interface ConversationNotes {
  look(example: ExampleParts, place: Where): void
  rename(renamed: readonly Renamed[], place: Where): void
  notes(): readonly string[]
}

const known: readonly string[] = ['system', 'user', 'assistant', 'tool']

export function conversationNotes(): ConversationNotes {
  const several = tally()
  const unanswered = tally()
  const names = tallies()
  return {
    look({ prompt, completion, rejected }, place) {
      const answers = isTurns(completion) ? completion : []
      const turns = [
        ...(isConversation(prompt) ? prompt.turns : []),
        ...answers,
        ...(isTurns(rejected) ? rejected : []),
      ]
      if (rejected === undefined && answers.filter(isAssistant).length > 1) several.add(place)
      const last = answers.at(-1)
      if (last && !isAssistant(last)) unanswered.add(place)
      for (const { role } of turns)
        if (!known.includes(role)) names.count(`from "${role}", and kept so`, place)
    },
    rename(renamed, place) {
      for (const { written, role } of renamed)
        names.count(`from "${written}", and read as the ${role}'s`, place)
    },
    notes: () => [
      ...several.said(
        conversationsWith('several turns of the assistant'),
        'All of them are learned, unless a run is told to learn the last one only.',
      ),
      ...unanswered.said(
        conversationsWith('turns at the end that no assistant answers'),
        'Kept, not learned.',
      ),
      ...names.said(turnsThat, ''),
    ],
  }
}

const isAssistant = ({ role }: Turn): boolean => role === 'assistant'

const conversationsWith =
  (what: string): Counted =>
  (count) =>
    `${countOf(count, 'conversation')} ${count === 1 ? 'has' : 'have'} ${what}`

const turnsThat =
  (sentence: string): Counted =>
  (count) =>
    `${countOf(count, 'turn')} ${count === 1 ? 'is' : 'are'} ${sentence}`
