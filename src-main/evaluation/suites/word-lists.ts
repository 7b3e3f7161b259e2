/** What word lists say of completions. */
import { openAfinn } from '../../rewards/afinn'
import { vaderCompound, vaderLexicon } from '../../rewards/vader'
import { meanOf, shareOf } from './measures'
import type { Suite } from './suite'

/** Hutto & Gilbert 2014: compound from here on is positive. */
const positiveFrom = 0.05

export const wordLists: Suite = {
  title: 'Word lists',
  measure: ({ texts }) => {
    const words = vaderLexicon()
    const afinn = openAfinn()
    const compound = texts.map(({ completion }) => vaderCompound(completion, words))
    return [
      meanOf(compound, {
        name: 'VADER',
        better: 'neither',
        doc: 'Mean compound score, −1 … 1, as vaderSentiment 3.3.2.',
      }),
      shareOf(
        compound.map((score) => score >= positiveFrom),
        { name: 'Positive', better: 'neither', doc: 'VADER’s compound of at least 0.05.' },
      ),
      meanOf(
        texts.map(({ completion }) => afinn(completion)),
        { name: 'AFINN', better: 'neither', doc: 'Mean sum of valences, as the package afinn 0.1.' },
      ),
    ]
  },
}
