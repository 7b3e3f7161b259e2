/**
 * The stem of an English word (Porter 1980, "An algorithm for suffix stripping"), with the changes that NLTK makes by
 * default: a few words that are as they are, and a final y that becomes i after a consonant alone.
 */

const asTheyAre: Readonly<Record<string, string>> = {
  ...{ sky: 'sky', skies: 'sky', dying: 'die', lying: 'lie', tying: 'tie', news: 'news' },
  ...{ innings: 'inning', inning: 'inning', outings: 'outing', outing: 'outing' },
  ...{ cannings: 'canning', canning: 'canning', howe: 'howe' },
  ...{ proceed: 'proceed', exceed: 'exceed', succeed: 'succeed' },
}

/** @param word in small letters */
export function stemOf(word: string): string {
  if (Object.hasOwn(asTheyAre, word)) return asTheyAre[word] as string
  if ([...word].length <= 2) return word
  return [plural, pastOrGoing, finalY, longEndings, endingsOfStep3, endingsOfStep4, finalE, finalLl].reduce(
    (stem, step) => step(stem),
    word,
  )
}

/** By letter, whether it is a consonant: not a, e, i, o, u, nor a y after one. */
function consonants(word: string): readonly boolean[] {
  const found: boolean[] = []
  for (const letter of word) found.push(letter === 'y' ? !(found.at(-1) ?? false) : !'aeiou'.includes(letter))
  return found
}

/** m: how often a consonant follows a vowel. */
function measure(stem: string): number {
  const found = consonants(stem)
  return found.filter((isConsonant, index) => isConsonant && found[index - 1] === false).length
}

const isLong = (stem: string): boolean => measure(stem) > 0
const isLonger = (stem: string): boolean => measure(stem) > 1
const hasVowel = (stem: string): boolean => consonants(stem).includes(false)

/** *o: consonant, vowel, consonant other than w, x and y; or a vowel and a consonant, and nothing else. */
function endsShort(word: string): boolean {
  const found = consonants(word)
  const [before, middle, last] = [found.at(-3), found.at(-2), found.at(-1)]
  if (found.length === 2) return middle === false && last === true
  return before === true && middle === false && last === true && !/[wxy]$/.test(word)
}

const endsDouble = (word: string): boolean => /(.)\1$/u.test(word) && consonants(word).at(-1) === true

type Ending = readonly [ending: string, instead: string]

/** The first ending that a word has, replaced where what is left fits. */
function replaced(word: string, endings: readonly Ending[], fits: (stem: string) => boolean): string {
  const found = endings.find(([ending]) => word.endsWith(ending))
  if (!found) return word
  const stem = word.slice(0, word.length - found[0].length)
  return fits(stem) ? stem + found[1] : word
}

const always = (): boolean => true

/** Step 1a. */
function plural(word: string): string {
  if (word.length === 4 && word.endsWith('ies')) return word.slice(0, -1)
  return replaced(
    word,
    [
      ['sses', 'ss'],
      ['ies', 'i'],
      ['ss', 'ss'],
      ['s', ''],
    ],
    always,
  )
}

/** Step 1b. */
function pastOrGoing(word: string): string {
  if (word.endsWith('ied')) return word.slice(0, word.length === 4 ? -1 : -2)
  if (word.endsWith('eed')) return replaced(word, [['eed', 'ee']], isLong)
  const ending = ['ed', 'ing'].find(
    (each) => word.endsWith(each) && hasVowel(word.slice(0, word.length - each.length)),
  )
  return ending === undefined ? word : mended(word.slice(0, word.length - ending.length))
}

/** What is left of hopp(ing), conflat(ed), fil(ing). */
function mended(stem: string): string {
  if (/(?:at|bl|iz)$/.test(stem)) return `${stem}e`
  if (endsDouble(stem)) return /[lsz]$/.test(stem) ? stem : stem.slice(0, -1)
  return measure(stem) === 1 && endsShort(stem) ? `${stem}e` : stem
}

/** Step 1c. */
const finalY = (word: string): string =>
  replaced(word, [['y', 'i']], (stem) => stem.length > 1 && consonants(stem).at(-1) === true)

/** Step 2. */
function longEndings(word: string): string {
  if (word.endsWith('alli') && isLong(word.slice(0, -4))) return longEndings(word.slice(0, -2))
  if (endingsOfStep2.some(([ending]) => word.endsWith(ending))) return replaced(word, endingsOfStep2, isLong)
  return word.endsWith('logi') && isLong(word.slice(0, -3)) ? word.slice(0, -1) : word
}

const endingsOfStep2: readonly Ending[] = [
  ['ational', 'ate'],
  ['tional', 'tion'],
  ['enci', 'ence'],
  ['anci', 'ance'],
  ['izer', 'ize'],
  ['bli', 'ble'],
  ['alli', 'al'],
  ['entli', 'ent'],
  ['eli', 'e'],
  ['ousli', 'ous'],
  ['ization', 'ize'],
  ['ation', 'ate'],
  ['ator', 'ate'],
  ['alism', 'al'],
  ['iveness', 'ive'],
  ['fulness', 'ful'],
  ['ousness', 'ous'],
  ['aliti', 'al'],
  ['iviti', 'ive'],
  ['biliti', 'ble'],
  ['fulli', 'ful'],
]

/** Step 3. */
const endingsOfStep3 = (word: string): string =>
  replaced(
    word,
    [
      ['icate', 'ic'],
      ['ative', ''],
      ['alize', 'al'],
      ['iciti', 'ic'],
      ['ical', 'ic'],
      ['ful', ''],
      ['ness', ''],
    ],
    isLong,
  )

const step4 = /(?:al|ance|ence|er|ic|able|ible|ant|ement|ment|ent|ion|ou|ism|ate|iti|ous|ive|ize)$/

/** Step 4; of ement, ment and ent the longest. */
function endingsOfStep4(word: string): string {
  const [ending] = step4.exec(word) ?? []
  if (ending === undefined) return word
  const stem = word.slice(0, word.length - ending.length)
  return isLonger(stem) && (ending !== 'ion' || /[st]$/.test(stem)) ? stem : word
}

/** Step 5a. */
const finalE = (word: string): string =>
  replaced(word, [['e', '']], (stem) => isLonger(stem) || (isLong(stem) && !endsShort(stem)))

/** Step 5b. */
const finalLl = (word: string): string =>
  word.endsWith('ll') && isLonger(word.slice(0, -1)) ? word.slice(0, -1) : word
