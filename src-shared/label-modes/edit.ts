/** One completion, put right by hand: what stands then is imitated, and is better than what was written. */
import { z } from 'zod'
import type { LabelMode } from './mode'

export const editAnswer = z.strictObject({ text: z.string().min(1, 'must not be empty').max(100_000) })
export type EditAnswer = z.infer<typeof editAnswer>

export const edit: LabelMode<EditAnswer> = {
  title: 'Edit',
  doc: 'One completion, put right by hand: it becomes a demonstration to fine-tune on.',
  unit: 'edit',
  writes: 1,
  kind: 'demonstrations',
  trains: { recipe: 'sft', input: 'demonstrations', label: 'Fine-tune on these' },
  answer: editAnswer,
  scale: 'nominal',
  problem: () => undefined,
  examples: ({ prompt, candidates }, { text }) => [
    { prompt, completion: text, ...(text !== candidates[0] && { rejected: candidates[0]! }) },
  ],
  opinions: () => [],
  text: ({ text }) => text,
}
