/** Best of n as a way to write: so many completions of each prompt, of which the one that scores highest is kept. */
import type { BestOf } from '../../src-shared/records/sample'
import type { Prompt } from '../../src-shared/records/turn'
import type { SamplingSettings } from '../../src-shared/sampling'
import { klBoundOfBestOfN } from '../maths/best-of-n'
import type { TextWriter } from '../model/writing/generation'
import type { Completion } from '../model/writing/sequence'
import type { WrittenText } from './contract'
import type { ScoreTexts } from './text-scorer'

export interface Picking {
  readonly writer: Pick<TextWriter, 'generate'>
  readonly score: ScoreTexts
}

export interface PickedText extends WrittenText {
  /** Absent where nothing was picked. */
  readonly best?: BestOf
  /** Of all that were written for it. */
  readonly writtenTokens: number
}

/** One completion a prompt, in order. Of equal scores the first is kept. @throws as the writer and the scorer */
export async function bestWritten(
  { writer, score }: Picking,
  prompts: readonly Prompt[],
  sampling: SamplingSettings,
  signal: AbortSignal,
): Promise<readonly PickedText[]> {
  const { bestOf: n = 1, scorer = '', scorerModel } = sampling
  const asked = prompts.flatMap((prompt) => new Array<Prompt>(n).fill(prompt))
  const completions = await writer.generate(asked, sampling, { signal })
  if (n === 1) return completions.map((each) => ({ ...textOf(each), writtenTokens: each.completionTokens }))
  const scores = await score({
    rewards: scorer,
    ...(scorerModel !== undefined && { checkpointId: scorerModel }),
    texts: completions.map(({ prompt, text, hasEnded }, index) => ({
      prompt,
      completion: text,
      hasEnded,
      group: Math.floor(index / n),
    })),
  })
  return prompts.map((_, index) =>
    picked(completions.slice(index * n, (index + 1) * n), scores.slice(index * n, (index + 1) * n)),
  )
}

function picked(completions: readonly Completion[], scores: readonly number[]): PickedText {
  const score = Math.max(...scores)
  const n = completions.length
  return {
    ...textOf(completions[scores.indexOf(score)] as Completion),
    writtenTokens: completions.reduce((sum, { completionTokens }) => sum + completionTokens, 0),
    best: { of: n, score, klBound: klBoundOfBestOfN(n) },
  }
}

const textOf = ({ text, completionTokens, hasEnded }: Completion): WrittenText => ({
  text,
  tokens: completionTokens,
  hasEnded,
})
