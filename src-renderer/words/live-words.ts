/** What a person can say to a run that waits, and what is said of such a run. */
import type { Asked } from '../../src-shared/records/live'
import type { Run } from '../../src-shared/records/run'
import { durationText } from './durations'

export interface LiveChoice {
  readonly key: string
  readonly title: string
  readonly answer: number
}

export const liveChoices: Readonly<Record<Asked['how'], readonly LiveChoice[]>> = {
  rate: ['Very bad', 'Bad', 'Middling', 'Good', 'Very good'].map((title, index) => ({
    key: `${index + 1}`,
    title,
    answer: index + 1,
  })),
  compare: [
    { key: '1', title: 'Left is better', answer: 1 },
    { key: '2', title: 'Tie', answer: 0 },
    { key: '3', title: 'Right is better', answer: -1 },
  ],
}

export const waitsText = ({ given, of }: NonNullable<Run['waits']>): string =>
  `waits for you: ${given} of ${of}`

/** "Update 40 of 120 is held, 4 min so far. It goes on by itself when all are answered." */
export const heldText = ({ step, totalSteps, waits }: Run, now: number): string =>
  `Step ${step + 1} of ${totalSteps} is held` +
  (waits ? `, ${durationText(Math.max(0, now - waits.sinceMs))} so far` : '') +
  '. It goes on by itself when all are answered; stopping it keeps what was answered.'
