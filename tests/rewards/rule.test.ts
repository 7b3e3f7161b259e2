import { describe, expect, it } from 'vitest'
import type { Opening, ScoredText } from '../../src-main/rewards/reward'
import { ruleSource } from '../../src-main/rewards/rule'
import { rewardsProblem, termsOf, textOfTerms } from '../../src-shared/rewards/terms'
import { testEngine } from '../trainers/tiny'

const textOf = (completion: string): ScoredText => ({ prompt: 'p', completion, hasEnded: true })

/** Scores of completions by a rule. */
const scored = (source: string, completions: readonly string[], more: Partial<Opening> = {}) =>
  ruleSource.open({ engine: testEngine(), settings: { code: source }, ...more })(completions.map(textOf))

describe('a rule', () => {
  it('is given prompt, completion, references and end, and its number is the score', async () => {
    const source = `
      const words = (text) => text.split(' ').length
      function reward({ prompt, completion, references, hasEnded }) {
        return words(completion) + (prompt === 'p' ? 10 : 0) + 100 * references.indexOf('b') + (hasEnded ? 0.5 : 0)
      }`
    const references = new Map([['p', ['a', 'b']]])
    expect(await scored(source, ['so', 'so good', ''], { references })).toEqual([111.5, 112.5, 111.5])
  })

  it('sees each completion for itself alone: what it keeps does not last', async () => {
    expect(await scored('let calls = 0\nconst reward = () => ++calls', ['a', 'b', 'c'])).toEqual([1, 1, 1])
  })

  it('has no file, no network, no clock and no chance', async () => {
    const names = [
      'require',
      'process',
      'fetch',
      'Date',
      'setTimeout',
      'performance',
      'std',
      'os',
      'WebAssembly',
    ]
    const source = `function reward() {
      const types = [${names.map((name) => `typeof ${name}`).join()}, typeof Math.random]
      return types.filter((each) => each !== 'undefined').length
    }`
    expect(await scored(source, ['x'])).toEqual([0])
    await expect(scored('import fs from "fs"; function reward() { return 1 }', ['x'])).rejects.toThrow(/rule/)
    await expect(
      scored('const reward = ({}.constructor.constructor)("return process")', ['x']),
    ).rejects.toThrow(/'process' is not defined/)
  })

  it.each([
    [
      'function reward(text) {\n  retrun 1\n}',
      "line 2, column 10 of the rule failed: SyntaxError: expecting ';'",
    ],
    [
      'function reward({ completion }) {\n  return completion.lenght.value\n}',
      "line 2, column 27 of the rule failed: TypeError: cannot read property 'value' of undefined, for the " +
        'completion “x”',
    ],
    ['const reward = 3', 'the rule has no function named reward'],
    ['function rewrd() {}', 'the rule has no function named reward'],
    ['const reward = () => { throw 3 }', 'the rule failed: 3, for the completion “x”'],
    [
      'const reward = () => NaN',
      'the rule returned NaN, where a finite number is wanted, for the completion “x”',
    ],
    ['const reward = () => 1 / 0', 'the rule returned Infinity, where'],
    ['const reward = () => {}', 'the rule returned nothing, where'],
    ['const reward = () => "1"', 'the rule returned a value of type string, where'],
    ['const reward = async () => 1', 'the rule returned a value of type object, where'],
    ['const reward = () => 10n', 'the rule returned a value of type bigint, where'],
    ['const f = () => f() + 1\nconst reward = () => f()', 'failed: InternalError: stack overflow'],
  ])('says what is wrong with it, and where: %s', async (source, problem) => {
    await expect(scored(source, ['x'])).rejects.toThrow(problem)
  })

  const notReturning = [
    'const reward = () => { for (;;); }',
    'for (;;);',
    'const reward = () => { for (;;) try { for (;;); } catch {} }',
    'const reward = () => [].includes.call({ length: 9e15 }, 1) ? 1 : 0',
    'const reward = () => { for (;;) /(a+)+b/.test("a".repeat(40)) }',
    'const reward = () => { let s = ""; for (;;) s += "x" }',
  ]
  const filling = [
    'const reward = () => { const all = []; for (;;) all.push([1, 2, 3]) }',
    'const reward = () => { let all; for (;;) all = { all } }',
    'const reward = () => { const all = []; for (;;) all.push(new ArrayBuffer(1e6)) }',
    'const reward = () => { const all = []; for (;;) try { all.push("x".repeat(1e6) + all.length) } catch {} }',
    'const reward = () => "x".repeat(1e9).length',
    'const reward = () => (new Array(1_000_000_000) + "").length',
    'const reward = () => { const all = []; for (;;) all.push("x".repeat(1024 * 1024)) }',
  ]
  it.each([...notReturning, ...filling])(
    'is ended when it does not return or wants too much memory: %s',
    async (source) => {
      await expect(scored(source, ['x'])).rejects.toThrow(
        /did not return within 1 second|needs more memory than a rule may have|string too long|invalid string length/i,
      )
    },
  )

  it('can be asked again after it failed', async () => {
    const reward = ruleSource.open({
      engine: testEngine(),
      settings: { code: 'const reward = ({ completion }) => completion === "bad" ? NaN : 1' },
    })
    await expect(reward([textOf('good'), textOf('bad')])).rejects.toThrow('returned NaN')
    expect(await reward([textOf('good')])).toEqual([1])
  })

  it('stands in the sum with its lines, and is read back as it was written', () => {
    const source =
      'function reward({ completion }) {\n  return completion.includes("so") ? 1 : 0 // “so”\n}\n'
    const text = textOfTerms([{ source: 'rule', weight: 0.5, settings: { code: source } }])
    expect(termsOf(text)).toEqual([{ source: 'rule', weight: 0.5, settings: { code: source } }])
    expect(rewardsProblem('rule')).toContain('has a rule whose code is empty: write a function named reward')
    expect(rewardsProblem(`rule(code="${'x'.repeat(10_001)}")`)).toContain('at most 10000 characters')
  })
})
