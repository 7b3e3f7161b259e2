/** Whether completions say the same as one another, as themselves, or as what was learned. */
import { distinct, selfBleu } from '../../maths/texts/variety'
import { countRows, wordsOf } from '../../maths/texts/words'
import { copyFinder } from '../evaluate-texts'
import { meanOf, ofTheSet, shareOf } from './measures'
import type { Measure, Suite, SuiteGiven } from './suite'

/** Each is held against all others, and again for the interval. */
const mostCompared = 50

const distinctDoc =
  'Different rows of words over all of the set (Li et al. 2016, §5.2). Compare sets of one size.'

export const variety: Suite = {
  title: 'Variety',
  measure: (given) => {
    const texts = given.texts.map(({ completion }) => completion)
    return [
      ...[1, 2].map((n) =>
        ofTheSet(texts, (some) => distinct(some, n), {
          name: `distinct-${n}`,
          unit: 'share',
          better: 'higher',
          doc: distinctDoc,
        }),
      ),
      ...(texts.length > 1
        ? [
            ofTheSet(texts.slice(0, mostCompared), selfBleu, {
              name: 'self-BLEU',
              better: 'lower',
              doc: `BLEU of each text against all others (Zhu et al. 2018, §3.1), of the first ${mostCompared}.`,
            }),
          ]
        : []),
      meanOf(texts.map(repeated), {
        name: 'Repeated',
        unit: 'share',
        better: 'lower',
        doc: 'Rows of three words that stand in the same text before, mean over texts.',
      }),
      ...copied(given),
    ]
  },
}

function repeated(text: string): number {
  const words = wordsOf(text.toLowerCase())
  const rows = words.length - 2
  return rows > 0 ? 1 - countRows(words, 3).size / rows : 0
}

function copied({ texts, training }: SuiteGiven): readonly Measure[] {
  if (!training) return []
  const doc = 'Stand word for word in the training texts; a text that was cut, at the beginning of one.'
  return [shareOf(texts.map(copyFinder(training, texts)), { name: 'Copied', better: 'lower', doc })]
}
