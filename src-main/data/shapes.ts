/**
 * What rows can be, the most telling first: the first that a file's columns fit says what all of its rows
 * are. A new shape is one file in shapes/ and one line here.
 */
import { chatFeedback } from './shapes/chat-feedback'
import { completion } from './shapes/completion'
import { conversation } from './shapes/conversation'
import { judgedPairs } from './shapes/judged-pair'
import { labelledText } from './shapes/labelled-text'
import { multipleChoice } from './shapes/multiple-choice'
import { preferencePair } from './shapes/preference-pair'
import { prompt } from './shapes/prompt'
import { promptCompletion } from './shapes/prompt-completion'
import { ranking } from './shapes/ranking'
import type { RowShape } from './shapes/shape'
import { labelledSolution, listedSteps, signedSteps } from './shapes/steps'
import { text } from './shapes/text'

export const shapes: readonly RowShape[] = [
  chatFeedback,
  conversation,
  preferencePair,
  ...multipleChoice,
  ...judgedPairs,
  listedSteps,
  labelledSolution,
  signedSteps,
  ranking,
  promptCompletion,
  labelledText,
  text,
  completion,
  prompt,
]
