/** `studio eval`: two tiny checkpoints on a dataset with references, and the page that it leaves. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { evalCommand, type EvalOptions } from '../../src-main/cli/eval'
import type { EvalReport } from '../../src-main/cli/eval-report'
import { openTerminal } from '../../src-main/cli/terminal'
import { samplingFields } from '../../src-shared/sampling'
import { importedDataset, testFolder, testRegistry } from '../helpers/registry'
import { tinyCheckpoint } from '../helpers/tiny-model'

const usual = Object.fromEntries(
  Object.entries(samplingFields).map(([name, field]) => [name, String(field.default)]),
)

async function evaluated(more: Partial<EvalOptions>, isJson = true) {
  const folder = testFolder()
  const one = await tinyCheckpoint(folder, { seed: 1 })
  const two = await tinyCheckpoint(folder, { seed: 2, spread: 8 })
  const db = testRegistry(folder)
  importedDataset(
    db,
    'demonstrations',
    Array.from({ length: 30 }, (_, place) => ({
      prompt: `say ${'abcdefghij'[place % 10]} <b>`.replace(/[<>]/g, '.'),
      completion: 'good day',
    })),
    'asked',
  )
  let said = ''
  const out = { write: (text: string) => (said += text) }
  const options = { ...usual, maxTokens: '8', prompts: 'asked', texts: '26', ...more } as EvalOptions
  const place = {
    db,
    terminal: openTerminal({ out, err: { write: () => {} } }, isJson, () => 0),
    version: '9',
    now: () => 0,
  }
  await evalCommand(place, [one.name, two.name], options, new AbortController().signal)
  return { said, folder }
}

describe('studio eval', () => {
  it('measures each checkpoint by every suite that fits, and writes a page that stands by itself', async () => {
    const report = path.join(testFolder(), 'report.html')
    const { said } = await evaluated({ report })
    const { evaluated: found, prompts } = JSON.parse(said) as EvalReport
    expect(prompts).toMatchObject({ name: 'asked', used: 26 })
    for (const { suites, texts } of found) {
      expect(suites.map(({ name }) => name)).toEqual([
        'shape',
        'variety',
        'references',
        'likelihood',
        'words',
      ])
      expect(texts).toHaveLength(26)
    }
    const [one, two] = found.map(({ suites }) => suites[3]!.measures[1]!.value)
    expect(one).not.toBe(two)
    // a model that knows nothing holds every one of its characters equally likely
    expect(one).toBeGreaterThan(2)
    const page = readFileSync(report, 'utf8')
    expect(page).toContain('ROUGE-L')
    expect(page).not.toMatch(/<script|https?:\/\/|src=/)
  })

  it('is a table for people, of the suites that were asked for', async () => {
    const { said } = await evaluated({ suite: 'shape, words' }, false)
    expect(said).toContain('26 prompts of “asked”')
    expect(said).toMatch(/Tokens +\d/)
    expect(said).not.toContain('ROUGE')
  })

  it.each([
    [{ suite: 'shape,nothing' }, '--suite'],
    [{ texts: '0' }, '--texts'],
    [{ prompts: 'nowhere' }, '--prompts'],
    [{ temperature: 'hot' }, '--temperature'],
  ])('refuses %j by name', async (more, flag) => {
    await expect(evaluated(more)).rejects.toThrow(flag)
  })
})
