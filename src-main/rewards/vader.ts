/**
 * VADER's compound score of a text, −1 … 1: sentiment by word list and rules (Hutto & Gilbert 2014, "VADER: A
 * Parsimonious Rule-based Model for Sentiment Analysis of Social Media Text").
 *
 * After vaderSentiment 3.3.2 (MIT, © 2016 C.J. Hutto), to its last decimal: also where its rules do something
 * other than its paper says, and then the rule says so. Left out are its shares of positive and negative words.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { wordsOf } from '../maths/texts/words'
import { resourcesFolder } from '../places/resources-folder'

/** The list of words, each with its mean valence by ten people, −4 … 4; and words for an emoji. */
export interface VaderLexicon {
  readonly valences: ReadonlyMap<string, number>
  readonly emoji: ReadonlyMap<string, string>
}

/** What a word of degree before it adds to a word, or takes from it. */
const degree = 0.293
/** What capitals add, among words that are not all in capitals. */
const capitals = 0.733
/** What a negation makes of a valence. */
const negation = -0.74
/** How much of a degree is left over a distance of one, two and three words. */
const fading = [1, 0.95, 0.9] as const

const words = (text: string): readonly string[] => text.trim().split(/[\s,]+/)

const negations = new Set(
  words(`aint arent cannot cant couldnt darent didnt doesnt ain't aren't can't couldn't daren't didn't doesn't dont
    hadnt hasnt havent isnt mightnt mustnt neither don't hadn't hasn't haven't isn't mightn't mustn't neednt needn't
    never none nope nor not nothing nowhere oughtnt shant shouldnt uhuh wasnt werent oughtn't shan't shouldn't uh-uh
    wasn't weren't without wont wouldnt won't wouldn't rarely seldom despite`),
)

const raising =
  words(`absolutely amazingly awfully completely considerable considerably decidedly deeply effing
  enormous enormously entirely especially exceptional exceptionally extreme extremely fabulously flipping flippin
  frackin fracking fricking frickin frigging friggin fully fuckin fucking fuggin fugging greatly hella highly hugely
  incredible incredibly intensely major majorly more most particularly purely quite really remarkably so
  substantially thoroughly total totally tremendous tremendously uber unbelievably unusually utter utterly very`)

const lowering = words(`almost barely hardly kinda kindof kind-of less little marginal marginally occasional
  occasionally partly scarce scarcely slight slightly somewhat sorta sortof sort-of`)

const degrees: ReadonlyMap<string, number> = new Map([
  ...raising.map((word) => [word, degree] as const),
  ...[...lowering, 'just enough', 'kind of', 'sort of'].map((word) => [word, -degree] as const),
])

const idioms: ReadonlyMap<string, number> = new Map([
  ['the shit', 3],
  ['the bomb', 3],
  ['bad ass', 1.5],
  ['badass', 1.5],
  ['bus stop', 0],
  ['yeah right', -2],
  ['kiss of death', -1.5],
  ['to die for', 3],
  ['beating heart', 3.5],
])

let read: VaderLexicon | undefined

/** The word lists that come with the program, read at the first call. @throws Error when they are missing */
export function vaderLexicon(): VaderLexicon {
  const lines = (file: string) =>
    readFileSync(join(resourcesFolder(), 'lexicons', file), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => line.split('\t') as [string, string])
  read ??= {
    valences: new Map(lines('vader-words.tsv').map(([word, valence]) => [word, Number(valence)])),
    emoji: new Map(lines('vader-emoji.tsv')),
  }
  return read
}

/** @returns −1 … 1, to four decimals; 0 for a text without a word of the list */
export function vaderCompound(text: string, lexicon: VaderLexicon): number {
  const said = withEmojiInWords(text, lexicon.emoji)
  const sentence = sentenceOf(said, lexicon)
  const valences = sentence.lower.map((_, index) => valenceAt(sentence, index))
  weighAroundBut(sentence, valences)
  const sum = valences.reduce((total, valence) => total + valence, 0)
  return compound(sum + Math.sign(sum) * emphasis(said))
}

/** An emoji as its name, apart from a character before it; what follows is written on. */
function withEmojiInWords(text: string, emoji: VaderLexicon['emoji']): string {
  let said = ''
  let isAfterSpace = true
  for (const character of text) {
    const name = emoji.get(character)
    if (name === undefined) said += character
    else said += isAfterSpace ? name : ` ${name}`
    isAfterSpace = character === ' '
  }
  return said
}

/** The words of a text, and which of them mean something. */
interface Sentence {
  readonly lower: readonly string[]
  readonly isCapital: readonly boolean[]
  /** Whether some of its words are in capitals and some are not. */
  readonly hasEmphasis: boolean
  readonly valences: VaderLexicon['valences']
}

const punctuationAround = /^[!-/:-@[-`{-~]+|[!-/:-@[-`{-~]+$/g

function sentenceOf(text: string, { valences }: VaderLexicon): Sentence {
  const tokens = wordsOf(text).map(wordOf)
  const isCapital = tokens.map(isInCapitals)
  const count = isCapital.filter(Boolean).length
  return {
    lower: tokens.map((token) => token.toLowerCase()),
    isCapital,
    hasEmphasis: count > 0 && count < tokens.length,
    valences,
  }
}

/** Without punctuation around it; of what is left with two characters or fewer it may have been the face: `:D`. */
function wordOf(token: string): string {
  const bare = token.replace(punctuationAround, '')
  return [...bare].length <= 2 ? token : bare
}

const isInCapitals = (word: string): boolean =>
  /\p{Uppercase}/u.test(word) && !/[\p{Lowercase}\p{Lt}]/u.test(word)

/** What the word at an index says where it stands. */
function valenceAt(sentence: Sentence, index: number): number {
  const { lower, valences } = sentence
  const word = lower[index] as string
  if (degrees.has(word) || (word === 'kind' && lower[index + 1] === 'of')) return 0
  const listed = valences.get(word)
  if (listed === undefined) return 0
  let valence = withCapitals(sentence, index, besideNo(sentence, index, listed))
  for (let distance = 1; distance <= Math.min(3, index); distance++) {
    if (valences.has(lower[index - distance] as string)) continue
    valence += degreeAt(sentence, index - distance, valence) * (fading[distance - 1] as number)
    valence = negatedBy(lower, index, distance, valence)
    if (distance === 3) valence = inIdiom(lower, index, valence)
  }
  return afterLeast(lower, index, valence)
}

/** A "no" before a listed word says nothing by itself and turns that word round. */
function besideNo({ lower, valences }: Sentence, index: number, listed: number): number {
  const [before, second, third] = [lower[index - 1], lower[index - 2], lower[index - 3]]
  if (before === 'no' || second === 'no' || (third === 'no' && (before === 'or' || before === 'nor')))
    return listed * negation
  return lower[index] === 'no' && valences.has(lower[index + 1] ?? '') ? 0 : listed
}

function withCapitals({ isCapital, hasEmphasis }: Sentence, index: number, valence: number): number {
  if (!hasEmphasis || !isCapital[index]) return valence
  return valence > 0 ? valence + capitals : valence - capitals
}

/** What the word of degree at an index does to a valence behind it. */
function degreeAt({ lower, isCapital, hasEmphasis }: Sentence, index: number, valence: number): number {
  const found = degrees.get(lower[index] as string)
  if (found === undefined) return 0
  const turned = valence < 0 ? -found : found
  if (!isCapital[index] || !hasEmphasis) return turned
  return valence > 0 ? turned + capitals : turned - capitals
}

const isSoOrThis = (word: string | undefined): boolean => word === 'so' || word === 'this'
const isNegation = (word: string): boolean => negations.has(word) || word.includes("n't")

/**
 * A negation one to three words before. "Never so good" is praise, "without doubt" no negation; and, as the
 * reference has it, every "so" or "this" just before counts at a distance of three as if "never" stood there.
 */
function negatedBy(lower: readonly string[], index: number, distance: number, valence: number): number {
  const word = lower[index - distance] as string
  const between = distance === 1 ? [] : lower.slice(index - distance + 1, index)
  const [first, second] = between
  const isPraise =
    distance > 1 && ((word === 'never' && isSoOrThis(first)) || (distance === 3 && isSoOrThis(second)))
  if (isPraise) return valence * 1.25
  if (word === 'without' && between.includes('doubt')) return valence
  return isNegation(word) ? valence * negation : valence
}

/** Phrases that mean something as a whole, and degrees of two words. */
function inIdiom(lower: readonly string[], index: number, valence: number): number {
  const phrase = (from: number, to: number) => lower.slice(index + from, index + to + 1).join(' ')
  const before = [phrase(-1, 0), phrase(-2, 0), phrase(-2, -1), phrase(-3, -1), phrase(-3, -2)]
  const behind = [2, 1].filter((to) => index + to < lower.length).map((to) => phrase(0, to))
  const said = [...behind, ...before].find((each) => idioms.has(each))
  const degreesBefore = [phrase(-3, -1), phrase(-3, -2), phrase(-2, -1)].map((each) => degrees.get(each) ?? 0)
  const meant = said === undefined ? valence : (idioms.get(said) as number)
  return degreesBefore.reduce((sum, each) => sum + each, meant)
}

/** "Least good" is not good; "at least" and "very least" are. */
function afterLeast(lower: readonly string[], index: number, valence: number): number {
  const isKept = lower[index - 2] === 'at' || lower[index - 2] === 'very'
  return lower[index - 1] === 'least' && !isKept ? valence * negation : valence
}

/**
 * What stands before "but" counts half, what stands behind it half as much again. As the reference has it, the
 * first of equal valences is changed in place of any other.
 */
function weighAroundBut({ lower }: Sentence, valences: number[]): void {
  const but = lower.indexOf('but')
  if (but === -1) return
  for (let turn = 0; turn < valences.length; turn++) {
    const index = valences.indexOf(valences[turn] as number)
    if (index === but) continue
    valences[index] = (valences[index] as number) * (index < but ? 0.5 : 1.5)
  }
}

/** What exclamation marks (up to four) and question marks (from two on) add to what is said. */
function emphasis(text: string): number {
  const exclamations = Math.min(4, text.split('!').length - 1)
  const questions = text.split('?').length - 1
  const asked = questions > 3 ? 0.96 : questions > 1 ? questions * 0.18 : 0
  return exclamations * 0.292 + asked
}

/** x / √(x² + 15), to four decimals. */
const compound = (sum: number): number => Number((sum / Math.sqrt(sum * sum + 15)).toFixed(4)) + 0
