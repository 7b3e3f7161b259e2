/** Completions against what stands beside their prompts, each by the metric that its reference library has. */
import { sameness } from '../../../src-shared/prompts'
import { bleu } from '../../maths/texts/bleu'
import { chrf } from '../../maths/texts/chrf'
import { meteor } from '../../maths/texts/meteor'
import { rouge } from '../../maths/texts/rouge'
import { exactness } from '../../rewards/exact'
import { meanOf, shareOf } from './measures'
import type { Suite, Written } from './suite'

type Compare = (completion: string, references: readonly string[]) => number

const metrics: readonly { readonly name: string; readonly doc: string; readonly compare: Compare }[] = [
  {
    name: 'ROUGE-1',
    doc: 'As rouge_score 0.1.2, without a stemmer.',
    compare: (a, b) => rouge(a, b, 'words'),
  },
  {
    name: 'ROUGE-2',
    doc: 'As rouge_score 0.1.2, without a stemmer.',
    compare: (a, b) => rouge(a, b, 'pairs'),
  },
  {
    name: 'ROUGE-L',
    doc: 'As rouge_score 0.1.2, without a stemmer.',
    compare: (a, b) => rouge(a, b, 'sequence'),
  },
  { name: 'BLEU', doc: 'Mean of sacrebleu’s sentence_bleu, 0 … 1.', compare: bleu },
  { name: 'chrF', doc: 'Mean of sacrebleu’s sentence_chrf, 0 … 1.', compare: chrf },
  { name: 'METEOR', doc: 'As NLTK’s, without synonyms.', compare: meteor },
]

export const references: Suite = {
  title: 'Against references',
  needs: 'references',
  measure: ({ texts, references: all = new Map() }) => {
    const beside = ({ prompt }: Written): readonly string[] => all.get(sameness(prompt)) ?? []
    const compared = texts.filter((text) => beside(text).length > 0)
    const exact = (match: 'strict' | 'lenient') =>
      compared.map((text) => exactness(match)(text.completion, beside(text)) === 1)
    if (compared.length === 0) return []
    return [
      ...metrics.map(({ compare, ...named }) =>
        meanOf(
          compared.map((text) => compare(text.completion, beside(text))),
          { ...named, better: 'higher' },
        ),
      ),
      shareOf(exact('strict'), {
        name: 'Exact match',
        better: 'higher',
        doc: 'The same but for space around it.',
      }),
      shareOf(exact('lenient'), {
        name: 'Exact match, lenient',
        better: 'higher',
        doc: 'SQuAD’s: in small letters, without punctuation and articles.',
      }),
    ]
  },
}
