/** Completions of the page alone, written word by word on both sides. */
import type { GeneratedPiece } from '../../src-shared/records/sample'
import { pause, type Part } from './sample-answers'
import { comparisonAt } from './sample-labels'
import { longText, praiseAt } from './sample-texts'

const wordMs = 120

export const sampleWriting = (): Part<'samples' | 'chat' | 'serving'> => ({
  calls: {
    'chat.compare': ({ queueId }) => ({ ...comparisonAt(60), queueId }),
    'serving.state': () => ({ requests: 0 }),
    'serving.start': () => ({
      baseUrl: 'http://127.0.0.1:41873/v1',
      apiKey: 'the-key-of-this-start',
      requests: 0,
    }),
    'serving.stop': () => ({ requests: 0 }),
    'samples.compare': ({ queueId }) => ({ ...comparisonAt(60), queueId }),
  },
  streams: {
    async *'chat.write'({ prompt, begun = '', sampling }, signal) {
      const asked = typeof prompt === 'string' ? 1 : prompt.turns.length
      const words = wordsOf(begun === '' ? praiseAt(sampling.seed + asked) : longText)
      for (const [word, text] of words.entries()) {
        if (signal.aborted) return
        const isLast = word === words.length - 1
        yield { text, tokens: word + 1, promptTokens: 12 * asked, ...(isLast && { ended: 'end' as const }) }
        await pause(wordMs, signal)
      }
    },
    async *'samples.generate'({ rightCheckpointId, sampling, withChances = false }, signal) {
      const left = wordsOf(praiseAt(sampling.seed))
      const right = rightCheckpointId === undefined ? [] : wordsOf(longText).slice(0, sampling.maxTokens)
      for (let word = 0; word < Math.max(left.length, right.length) && !signal.aborted; word++) {
        for (const piece of [...pieceOf('left', left, word), ...pieceOf('right', right, word)]) {
          const { told, ...untold } = piece
          yield withChances && told ? { ...untold, told } : untold
        }
        await pause(wordMs, signal)
      }
    },
  },
})

const wordsOf = (text: string): readonly string[] => text.match(/\s*\S+/g) ?? []

function* pieceOf(
  side: GeneratedPiece['side'],
  words: readonly string[],
  index: number,
): Generator<GeneratedPiece> {
  const text = words[index]
  if (text === undefined) return
  const end = { sampleId: `${side} sample`, hasEnded: side === 'left', tokensASecond: 1000 / wordMs }
  yield {
    side,
    text,
    tokens: index + 1,
    told: [toldOf(text, index)],
    ...(index === words.length - 1 && { end }),
  }
}

const toldOf = (text: string, index: number) => {
  const logProb = -0.05 - 5.5 * ((index * 0.37) % 1) ** 2
  const other = Math.log(Math.max(1e-3, 1 - Math.exp(logProb))) - 0.4
  const top = [
    { text, logProb },
    { text: ' other', logProb: other },
  ]
  return { text, logProb, top: top.sort((a, b) => b.logProb - a.logProb) }
}
