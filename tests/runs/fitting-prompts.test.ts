/** A prompt that leaves no room to answer is not the end of a run (case 40): it is left out, or cut, and counted. */
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { defaultsOf, type SettingsValues } from '../../src-shared/fields'
import { ppo } from '../../src-shared/recipes/ppo'
import type { Recipe } from '../../src-shared/recipes/recipe'
import { sft } from '../../src-shared/recipes/sft'
import type { Example } from '../../src-shared/records/example'
import type { Prompt } from '../../src-shared/records/turn'
import { machineMemory } from '../../src-main/compute/machine-memory'
import { datasetSurveyor } from '../../src-main/datasets/survey'
import { checkLaunch } from '../../src-main/launch/launch-check'
import { promptIdsOf } from '../../src-main/model/rendering'
import { cutPrompt } from '../../src-main/model/rendering/cut-prompt'
import { executeRun } from '../../src-main/runs/execute-run'
import { fittingPrompts } from '../../src-main/runs/fitting-prompts'
import { recordRun } from '../../src-main/runs/run-recorder'
import { logOf } from '../../src-main/store/log-lines'
import { createRun, runOf, startRun } from '../../src-main/store/runs'
import { byteChatTokenizer } from '../helpers/chat-tokenizer'
import { readAll } from '../helpers/imported-file'
import { importedDataset, testFolder, testRegistry } from '../helpers/registry'
import { tinyCheckpoint } from '../helpers/tiny-model'
import { asked, assistant, system, user } from '../helpers/turns'
import { tinyModel } from '../trainers/tiny'

const devices = async () => [{ id: 'cpu', name: 'CPU', isUsable: true, isDefault: true }]
const tiny: SettingsValues = { epochs: 1, batchExamples: 2, heldOutFraction: 0, warmupUpdates: 0 }
const made = { device: 'cpu', threads: 1, programVersion: '0', createdAtMs: 0 }

/** A run of demonstrations, of which the third has a prompt of 400 characters, by a model that reads 32. */
async function fineTuned(settings: SettingsValues) {
  const folder = testFolder()
  const policy = (await tinyCheckpoint(folder, { characters: 'abcdefghijklmnopqrstuvwxyz .?EFT' })).id
  const db = testRegistry(folder)
  const file = path.resolve('tests/fixtures/field-cases/40-one-prompt-too-long.jsonl')
  const { id } = importedDataset(db, 'demonstrations', (await readAll(file)).examples, 'long')
  const inputs = { policy: [policy], demonstrations: [id] }
  const asked = { ...defaultsOf(sft.fields), ...tiny, ...settings }
  const { problems } = await checkLaunch(
    { db, survey: datasetSurveyor(db), devices, machineMemory },
    { recipe: 'sft', inputs, settings: asked },
  )
  if (problems.length > 0) return { problems }
  const run = createRun(db, { ...made, name: 'r', recipe: 'sft', inputs, settings: asked })
  startRun(db, run.id, 1)
  const record = recordRun(db, run.id, () => 1)
  await executeRun(
    { registryPath: db.path, runId: run.id },
    (event) => record([event]),
    new AbortController().signal,
  )
  const { state, step } = runOf(db, run.id)
  return { state, step, log: logOf(db, run.id).map(({ text }) => text) }
}

describe('case 40: one prompt is too long', () => {
  it('it is left out unless something else is asked for, and the log counts it', async () => {
    expect(await fineTuned({})).toEqual({
      state: 'finished',
      step: 1,
      log: expect.arrayContaining([
        'Left out: 1 of 3 prompts; more than 31 tokens leave no room for a completion (the first is row 3, with 400).',
      ]) as unknown,
    })
  })

  it('or cut at its beginning, so that all three are learned', async () => {
    const { step, log } = await fineTuned({ longPrompts: 'cut' })
    expect(step).toBe(2)
    expect(log?.join()).toContain('Cut at their beginning to 16 tokens: 1 of 3 prompts')
  })

  it('or the run is refused, with the row', async () => {
    expect(await fineTuned({ longPrompts: 'refuse' })).toEqual({
      problems: [
        {
          field: 'demonstrations',
          problem: expect.stringContaining('row 3: the prompt has 400 tokens') as unknown,
        },
      ],
    })
  })
})

describe('rows that a model can read', () => {
  const model = tinyModel('ab', 8)
  const rowsOf = (...prompts: readonly Prompt[]): Example[] =>
    prompts.map((prompt, index) => ({
      id: index,
      datasetId: 'dataset-1',
      row: index + 1,
      prompt,
      completion: 'b',
      isFlagged: false,
    }))

  /** The prompts that a run reads, and what it says of the others. */
  async function fitted(recipe: Recipe, input: string, settings: SettingsValues, prompts: readonly Prompt[]) {
    const said: string[] = []
    const all = { ...defaultsOf(recipe.fields), ...settings }
    const fit = await fittingPrompts(
      recipe,
      all,
      async () => model,
      (text) => said.push(text),
    )
    return { prompts: [...fit(input, rowsOf(...prompts))].map(({ prompt }) => prompt), said }
  }

  it('leave room for all that a rollout may write', async () => {
    const prompts = ['a'.repeat(6), 'a'.repeat(5), '']
    const { prompts: kept } = await fitted(ppo, 'prompts', { maxTokens: 3 }, prompts)
    expect(kept).toEqual(['a'.repeat(5), ''])
    const cut = await fitted(ppo, 'prompts', { maxTokens: 3, longPrompts: 'cut' }, ['b' + 'a'.repeat(6)])
    expect(cut.prompts).toEqual(['a'.repeat(5)])
  })

  it('are counted once an input, however often they are asked for', async () => {
    const said: string[] = []
    const fit = await fittingPrompts(
      sft,
      defaultsOf(sft.fields),
      async () => model,
      (text) => said.push(text),
    )
    for (let time = 0; time < 2; time++)
      expect([...fit('demonstrations', rowsOf('a'.repeat(9), 'a'))]).toHaveLength(1)
    expect(said).toHaveLength(1)
  })

  it('that are to be cut and of which no end fits are counted as left out', async () => {
    const chat = { ...model, tokenizer: byteChatTokenizer(), config: { ...model.config, contextTokens: 64 } }
    const said: string[] = []
    const settings = { ...defaultsOf(sft.fields), longPrompts: 'cut' }
    const fit = await fittingPrompts(
      sft,
      settings,
      async () => chat,
      (text) => said.push(text),
    )
    const headed = asked({ role: 'system', content: 's'.repeat(200) }, user('q'))
    expect([...fit('demonstrations', rowsOf(headed, 'q'.repeat(200), 'short'))]).toHaveLength(2)
    expect(said[0]).toMatch(/^Cut at their beginning to \d+ tokens: 1 of 3 prompts; .* fits: 1 of 3\.$/)
    expect(() => [...fit('demonstrations', rowsOf(headed))]).toThrow()
  })

  it('are refused in words where there are none', async () => {
    await expect(fitted(sft, 'demonstrations', {}, ['a'.repeat(8), 'a'.repeat(9)])).rejects.toMatchObject({
      error: {
        problems: [
          { field: 'demonstrations', problem: expect.stringContaining('no prompt that fits') as unknown },
        ],
      },
    })
  })

  it('are conversations of any length where the first turns of the assistant are learned', async () => {
    const chat = { ...model, tokenizer: byteChatTokenizer(), config: { ...model.config, contextTokens: 64 } }
    const long = asked(user('a'), assistant('b'.repeat(60)), user('c'))
    for (const [turns, count] of [
      ['all', 1],
      ['last', 0],
    ] as const) {
      const settings = { ...defaultsOf(sft.fields), turns }
      const fit = await fittingPrompts(
        sft,
        settings,
        async () => chat,
        () => {},
      )
      const kept = [...fit('demonstrations', rowsOf(long, 'short'))]
      expect(kept.filter(({ prompt }) => prompt === long)).toHaveLength(count)
    }
  })
})

describe('a prompt is cut', () => {
  const tokenizer = byteChatTokenizer()
  const tokensOf = (prompt: Prompt) => promptIdsOf(tokenizer, prompt).length - 1

  it('to the longest end that fits', () => {
    const cut = cutPrompt('0123456789'.repeat(4), 45, tokensOf)
    expect(tokensOf(cut!)).toBe(45)
    expect('0123456789'.repeat(4).endsWith(cut as string)).toBe(true)
    expect(cutPrompt('👍👍', tokensOf('👍'), tokensOf)).toBe('👍')
    expect(cutPrompt('👍', tokensOf('👍') - 1, tokensOf)).toBeUndefined()
  })

  it('by its oldest turns, never the system’s', () => {
    const [head, last] = [system('s'), user('what?')]
    const talk = asked(head, user('a'.repeat(50)), assistant('b'), last)
    expect(cutPrompt(talk, tokensOf(asked(head, assistant('b'), last)), tokensOf)).toEqual(
      asked(head, assistant('b'), last),
    )
    expect(cutPrompt(talk, tokensOf(asked(head, last)), tokensOf)).toEqual(asked(head, last))
    expect(cutPrompt(talk, tokensOf(asked(head, last)) - 2, tokensOf)).toEqual(asked(head, user('at?')))
  })
})
