/** How a queue is judged, in words. */
import { labelModes } from '../../src-shared/label-modes/modes'
import type { Labelling, LabelModeName } from '../../src-shared/records/labelling'

const completionsText: Readonly<Record<LabelModeName, (labelling: Labelling) => string>> = {
  pair: () => 'two completions a prompt, sides drawn at random',
  ranking: ({ completions }) => `up to ${completions} completions a prompt, in order`,
  rating: () => 'one completion a prompt, 1 to 5',
  'yes-no': () => 'one completion a prompt, good or bad',
  edit: () => 'one completion a prompt, put right by hand',
  turns: () => 'a conversation, turn by turn',
}

/** "two completions a prompt, sides drawn at random, least sure first, by 2 people" */
export const wayText = (labelling: Labelling): string =>
  [
    completionsText[labelling.mode](labelling),
    ...(labelling.order === 'uncertain' ? ['least sure first'] : []),
    ...(labelling.people > 1 ? [`each by ${labelling.people} people`] : []),
    ...(labelling.repeatEvery > 0 ? [`every ${labelling.repeatEvery}th again`] : []),
  ].join(', ')

/** "ranking", for lists and forms. */
export const modeTitle = (mode: LabelModeName): string => labelModes[mode].title
