/** The sample's rows in tokens: a hill, a few of them too long. */
import type { StreamInput } from '../../src-shared/contract'
import type { TokenLengthsProgress } from '../../src-shared/records/token-lengths'
import type { Signal } from '../../src-shared/wire'
import { pause } from './sample-answers'

const all = Array.from({ length: 32 }, (_, bin) => Math.round(90 * Math.exp(-(((bin - 9) / 5) ** 2))))

export async function* sampleTokenLengths(
  _question: StreamInput<'datasets.tokenLengths'>,
  signal: Signal,
): AsyncIterable<TokenLengthsProgress> {
  yield { read: 400, total: 800 }
  await pause(200, signal)
  const histograms = (['prompt', 'completion', 'rejected'] as const).map((part) => ({
    ...{ part, binWidth: 3, all, matching: all, median: 27, percentile95: 58 },
  }))
  yield {
    ...{ read: 800, total: 800 },
    done: { tokenizer: 'words', contextTokens: 64, rows: 800, histograms, longer: 12 },
  }
}
