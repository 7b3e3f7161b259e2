/** How the items of a label queue are judged: in which mode, in what order, by how many, how often again. */
import { z } from 'zod'
import { longPromptsInQueues } from '../recipes/long-prompts'

export const labelModeNames = ['pair', 'ranking', 'rating', 'yes-no', 'edit', 'turns'] as const
export type LabelModeName = (typeof labelModeNames)[number]

export const labelOrders = ['made', 'uncertain'] as const
export const labelSets = ['none', 'open-assistant'] as const

export const fewestCompletions = 2
export const mostCompletions = 9

export const labellingSchema = z.strictObject({
  mode: z.enum(labelModeNames),
  /** Completions of each prompt that are ranked. */
  completions: z.number().int().min(fewestCompletions).max(mostCompletions),
  /** As they were made, or those first of which the reward model is least sure. */
  order: z.enum(labelOrders),
  /** The reward model that orders, and whose agreement is watched. */
  scoredBy: z.string().min(1).max(100).optional(),
  /** Every so many items one comes again to who judged it; 0 for never. */
  repeatEvery: z.number().int().min(0).max(1000),
  /** How many people judge each item. */
  people: z.number().int().min(1).max(9),
  /** Labels that may be given beside a rating. */
  labels: z.enum(labelSets),
  /** What becomes of a prompt that leaves its writer no room for a completion. */
  longPrompts: z.enum(longPromptsInQueues),
})

export type Labelling = z.infer<typeof labellingSchema>

/** Pairs, as they are made, each judged once. */
export const plainLabelling: Labelling = {
  mode: 'pair',
  completions: 4,
  order: 'made',
  repeatEvery: 0,
  people: 1,
  labels: 'none',
  longPrompts: 'leave-out',
}

/** As judgments leave the studio: with everything that is known of them, or in the columns of LMArena. */
export const judgmentFormats = ['jsonl', 'lmarena'] as const
export type JudgmentFormat = (typeof judgmentFormats)[number]

/** Judgments as the text of a file, and how many there are. */
export interface JudgmentFile {
  readonly text: string
  readonly judgments: number
}
