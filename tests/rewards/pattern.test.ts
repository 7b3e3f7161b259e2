import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { rewardRows } from '../../src-main/rewards/rewards'
import { readPattern } from '../../src-shared/rewards/linear-pattern'
import { rewardsProblem, termsOf, textOfTerms } from '../../src-shared/rewards/terms'
import { testEngine } from '../trainers/tiny'

const count = (source: string, text: string, ignoresCase = false) => readPattern(source, ignoresCase)(text)

async function scores(term: string, ...completions: readonly string[]): Promise<readonly number[]> {
  const { settings } = termsOf(term)[0]!
  const score = rewardRows.pattern.open({ engine: testEngine(), settings })
  return score(completions.map((completion) => ({ prompt: 'great', completion, hasEnded: true })))
}

describe('the reward pattern', () => {
  it('counts up to its cap, in the completion alone', async () => {
    const term = 'pattern(pattern="great", cap=2)'
    expect(await scores(term, '', 'a great film', 'great, great', 'great great great')).toEqual([
      0, 0.5, 1, 1,
    ])
  })

  it('requires, or forbids', async () => {
    expect(await scores('pattern(pattern="!$", mode=requires)', 'Yes!', 'Yes! No')).toEqual([1, 0])
    expect(await scores('pattern(pattern="[0-9]", mode=forbids)', 'in 1999', 'then')).toEqual([-1, 0])
  })

  it('reads letters as written, or in any case', async () => {
    expect(await scores('pattern(pattern="great")', 'Great')).toEqual([0])
    expect(await scores('pattern(pattern="great", letterCase=any)', 'Great')).toEqual([1])
  })

  it('is written as read, whatever stands in the pattern', () => {
    const text = 'lexicon + 0.5 * pattern(pattern="say ""(a + b)"", \\bwell\\b", mode=forbids)'
    expect(textOfTerms(termsOf(text))).toBe(text)
    expect(termsOf(text)[1]?.settings).toMatchObject({
      pattern: 'say "(a + b)", \\bwell\\b',
      mode: 'forbids',
    })
  })

  it.each([
    ['pattern', /whose pattern is empty/],
    ['pattern(pattern="(a")', /whose pattern is no regular expression: .*group/],
    ['pattern(pattern="a*")', /fits the empty text/],
    ['pattern(pattern="(a)\\1")', /refers back/],
    ['pattern(pattern="(?=a)b")', /looks around/],
    ['pattern(pattern="a+?b")', /lazy/],
    ['pattern(pattern="(a{100}){100}")', /2,000 states/],
    ['pattern(pattern="a", mode=hides)', /whose mode must be one of counts, requires, forbids/],
    ['pattern(pattern="a", cap=0)', /whose cap must be between 1 and 1000 matches/],
  ])('is refused in words at launch: %s', (text, problem) => {
    expect(rewardsProblem(text)).toMatch(problem)
  })
})

describe('a pattern that cannot hang', () => {
  it.each([
    ['\\bgreat\\b', 'great greatest great', 2],
    ['a+', 'aaa b aa', 2],
    ['(?:so )?good|fine', 'so good, good, fine', 3],
    ['^a|b$', 'ab ab', 2],
    ['[^a-c\\]]{2,3}', 'xyzxyzx]', 2],
    ['é.ü', 'é🙂ü', 1],
    ['\\u{1F642}{2}', '🙂🙂🙂', 1],
    ['\\p{Lu}\\d*', 'A1 b2 C', 2],
  ])('finds %s in “%s” %i times', (source, text, times) => {
    expect(count(source, text)).toBe(times)
  })

  it('finds what JavaScript finds', () => {
    const atom = fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', '\\b', '(?:a|b)', '(?:ab)', '^', '$')
    const piece = fc
      .tuple(atom, fc.constantFrom('', '', '+', '{2}', '{1,3}'))
      .map(([what, times]) => (/[$^]|\\b/.test(what) && !what.startsWith('[') ? what : what + times))
    const source = fc.array(piece, { minLength: 1, maxLength: 5 }).map((pieces) => `${pieces.join('')}c?b`)
    const text = fc.array(fc.constantFrom('a', 'b', 'c', ' '), { maxLength: 12 }).map((each) => each.join(''))
    fc.assert(
      fc.property(source, text, (pattern, written) => {
        expect(count(pattern, written) > 0).toBe(new RegExp(pattern, 'u').test(written))
      }),
    )
  })

  it('reads in no time what takes others the age of the world', () => {
    // backtracking tries 2⁴⁰ ways
    expect(count('(a+)+b', 'a'.repeat(40))).toBe(0)
    expect(count('(a|a)*b', 'a'.repeat(40))).toBe(0)
  })
})
