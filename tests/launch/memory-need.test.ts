/**
 * What a run takes of the machine, measured on a compute process from outside, against what was said before
 * it started.
 */
import { mkdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { defaultsOf, type SettingsValues } from '../../src-shared/fields'
import { type RecipeName, recipeOf } from '../../src-shared/recipes/recipes'
import type { RunInputs } from '../../src-shared/records/run'
import { forkNode } from '../../src-main/processes/compute-child'
import type { RunEvent } from '../../src-main/processes/messages'
import { seeded } from '../../src-main/maths/random'
import { memoryNeed } from '../../src-main/launch/memory-need'
import type { SizedRun } from '../../src-main/launch/sized-run'
import { saveModel } from '../../src-main/model/checkpoint'
import { createLanguageModel } from '../../src-main/model/language-model'
import type { GptConfig } from '../../src-main/model/architectures/gpt-parameters'
import { trainCharacterTokenizer } from '../../src-main/model/tokenizers/character'
import { insertCheckpoint } from '../../src-main/store/checkpoints'
import type { WritableDb } from '../../src-main/store/handle'
import { createRun } from '../../src-main/store/runs'
import { builtMain } from '../helpers/built-main'
import { importedDataset, testFolder, testRegistry } from '../helpers/registry'
import { testStudio } from '../helpers/test-studio'
import { skipped, whyNotLinux } from '../helpers/skipping'
import { imported, tinyPretraining } from '../helpers/tiny-runs'

const MiB = 2 ** 20
const characters = Array.from({ length: 95 }, (_, place) => String.fromCodePoint(32 + place)).join('')

let entry = ''
beforeAll(async () => {
  entry = (await builtMain()).computeProcess
})

interface Memory {
  readonly now: number
  readonly most: number
}

/** What a process holds, and has held at most: bytes. */
function memoryOf(pid: number): Memory | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    const kilobytes = (name: string) =>
      Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? NaN)
    const memory = { now: kilobytes('VmRSS') * 1024, most: kilobytes('VmHWM') * 1024 }
    return Number.isFinite(memory.most) ? memory : undefined
  } catch {
    return undefined // it has ended
  }
}

const pause = (ms: number) =>
  new Promise<void>((resolve) => {
    setTimeout(resolve, ms)
  })

/**
 * Trains the run in a process of its own.
 * @returns bytes above what the process holds before it has anything to do
 */
async function measured(db: WritableDb, runId: string): Promise<number> {
  const child = forkNode(entry)()
  const pid = child.pid as number
  onTestFinished(() => {
    child.kill()
  })
  const events: RunEvent[] = []
  child.onMessage((message) => {
    if (message.kind === 'events') events.push(...message.events)
  })
  await pause(1500)
  const base = memoryOf(pid)?.now ?? NaN
  child.send({ kind: 'train', run: { registryPath: db.path, runId } })
  let most = 0
  const end = () => events.find((event) => event.kind === 'ended')
  for (let memory = memoryOf(pid); memory && !end(); memory = memoryOf(pid)) {
    most = memory.most
    await pause(20)
  }
  expect(end()).toMatchObject({ state: 'finished' })
  return most - base
}

interface Story {
  readonly recipe: RecipeName
  readonly settings: SettingsValues
  readonly model?: Omit<GptConfig, 'architecture' | 'vocabulary' | 'isTied'>
  readonly texts: { readonly rows: number; readonly promptTokens: number; readonly tokens: number }
}

/** The inputs of a recipe that is measured: its texts, and the model they are read by. */
interface Used {
  readonly input: string
  readonly name: string
  readonly kind: 'text' | 'demonstrations' | 'preferences' | 'prompts'
  readonly keep: readonly ('prompt' | 'completion' | 'rejected')[]
}

const ofPairs = { kind: 'preferences', keep: ['prompt', 'completion', 'rejected'] } as const

const usedBy: Readonly<Partial<Record<RecipeName, Used>>> = {
  pretrain: { input: 'texts', name: '', kind: 'text', keep: ['completion'] },
  sft: { input: 'demonstrations', name: 'policy', kind: 'demonstrations', keep: ['prompt', 'completion'] },
  dpo: { input: 'pairs', name: 'policy', ...ofPairs },
  kto: { input: 'examples', name: 'policy', ...ofPairs },
  'reference-free': { input: 'pairs', name: 'policy', ...ofPairs },
  reward: { input: 'pairs', name: 'base', ...ofPairs },
  ppo: { input: 'prompts', name: 'policy', kind: 'prompts', keep: ['prompt'] },
  grpo: { input: 'prompts', name: 'policy', kind: 'prompts', keep: ['prompt'] },
}

/** The same run for the prediction and for the process. */
async function prepared({
  recipe,
  settings: given,
  model,
  texts,
}: Story): Promise<{ readonly db: WritableDb; readonly runId: string; readonly sized: SizedRun }> {
  const folder = testFolder()
  const db = testRegistry(folder)
  const tokenizer = trainCharacterTokenizer([`${characters}\n`])
  const settings: SettingsValues = { ...defaultsOf(recipeOf(recipe).fields), ...given }
  const textOf = (length: number, row: number) =>
    Array.from({ length }, (_, place) => characters[(row * 31 + place * 7) % 95]).join('')
  const rows = Array.from({ length: texts.rows }, (_, row) => ({
    prompt: textOf(texts.promptTokens, row),
    completion: textOf(texts.tokens - texts.promptTokens, row + 1),
    rejected: textOf(texts.tokens - texts.promptTokens, row + 2),
  }))
  const { input, name, kind, keep } = usedBy[recipe] as Used
  const dataset = importedDataset(
    db,
    kind,
    rows.map((row) => Object.fromEntries(keep.map((part) => [part, row[part]]))),
  )
  const inputs: Record<string, readonly string[]> = { [input]: [dataset.id] }
  const config: GptConfig | undefined = model && {
    architecture: 'gpt',
    ...model,
    vocabulary: tokenizer.vocabulary,
    isTied: true,
  }
  if (config) {
    const path = join(folder, 'registry-checkpoints', 'model.safetensors')
    mkdirSync(dirname(path), { recursive: true })
    const made = createLanguageModel(config, tokenizer, seeded(1))
    const bytes = await saveModel(path, made, {})
    inputs[name] = [
      insertCheckpoint(db, {
        name: 'model',
        kind: 'language-model',
        step: 0,
        architecture: 'gpt',
        parameters: made.parameters.count,
        contextTokens: config.contextTokens,
        tokenizer: tokenizer.name,
        bytes,
        path,
        createdAtMs: 1,
      }).id,
    ]
  }
  const run = createRun(db, {
    name: 'measured',
    recipe,
    settings,
    inputs: inputs as RunInputs,
    device: 'cpu',
    threads: 2,
    programVersion: '0',
    createdAtMs: 1,
  })
  return {
    db,
    runId: run.id,
    sized: {
      recipe,
      settings,
      models: config ? { [name]: { kind: 'language-model', config } } : {},
      texts: { [input]: texts },
      characters: tokenizer.vocabulary - 1,
      threads: 2,
    },
  }
}

const stories: Readonly<Record<string, Story>> = {
  'pretraining of a 0.8M GPT': {
    recipe: 'pretrain',
    settings: { updates: 12, checkpointEvery: 6, samplesEvery: 12 },
    texts: { rows: 300, promptTokens: 0, tokens: 60 },
  },
  'pretraining of a Llama': {
    recipe: 'pretrain',
    settings: {
      architecture: 'llama',
      layers: 4,
      heads: 4,
      width: 256,
      contextTokens: 128,
      batchRows: 16,
      updates: 8,
      checkpointEvery: 8,
      samplesEvery: 8,
    },
    texts: { rows: 60, promptTokens: 0, tokens: 120 },
  },
  'fine-tuning of a model of 10M': {
    recipe: 'sft',
    model: { layers: 6, heads: 6, width: 384, contextTokens: 256 },
    settings: { batchExamples: 8, epochs: 1, checkpointEvery: 3, samplesEvery: 40 },
    texts: { rows: 44, promptTokens: 20, tokens: 120 },
  },
  'an adapter on a model of 10M': {
    recipe: 'sft',
    model: { layers: 6, heads: 6, width: 384, contextTokens: 256 },
    settings: { adapter: 'lora', batchExamples: 8, epochs: 1, checkpointEvery: 3, samplesEvery: 40 },
    texts: { rows: 44, promptTokens: 20, tokens: 120 },
  },
  DPO: {
    recipe: 'dpo',
    model: { layers: 4, heads: 4, width: 256, contextTokens: 128 },
    settings: { batchPairs: 16, epochs: 1 },
    texts: { rows: 100, promptTokens: 20, tokens: 100 },
  },
  'a reward model': {
    recipe: 'reward',
    model: { layers: 4, heads: 4, width: 256, contextTokens: 128 },
    settings: { batchPairs: 16, epochs: 1 },
    texts: { rows: 100, promptTokens: 20, tokens: 100 },
  },
  'PPO of a 0.8M GPT': {
    recipe: 'ppo',
    model: { layers: 4, heads: 4, width: 128, contextTokens: 64 },
    settings: {
      rewards: 'lexicon + 0 * wink',
      completions: 64,
      minibatches: 2,
      maxTokens: 40,
      updates: 4,
      criticWarmup: 1,
      samplesEvery: 4,
    },
    texts: { rows: 50, promptTokens: 12, tokens: 12 },
  },
}

describe('the studio', () => {
  it('says what a launch needs, and refuses one that would not fit', async () => {
    const studio = await testStudio()
    const texts = [(await imported(studio, 'texts.txt')).id]
    const request = (settings: SettingsValues) =>
      ({ recipe: 'pretrain', settings: { ...tinyPretraining, ...settings }, inputs: { texts } }) as const
    const { problems, needs } = await studio.ask('runs.check', request({}))
    expect([problems, needs?.problems]).toEqual([[], []])
    expect(needs?.bytes).toBeLessThan(200 * MiB)
    expect(needs?.machineBytes).toBeGreaterThan(needs?.bytes ?? Infinity)
    await expect(
      studio.ask('runs.launch', request({ batchRows: 4096, contextTokens: 1024, width: 512 })),
    ).rejects.toThrow(
      /The run needs about [\d.]+ GB, [\d.]+ GB of it for activations; this machine has [\d.]+ GB\. It fits with /,
    )
    expect(await studio.ask('runs.list', {})).toEqual([])
  })
})

describe.skipIf(whyNotLinux !== undefined)(
  `what a run needs, within a quarter, for${skipped(whyNotLinux)}`,
  () => {
    it.each(Object.entries(stories))('%s', async (_, story) => {
      const { db, runId, sized } = await prepared(story)
      const need = await memoryNeed(sized)
      const said = Object.values(need).reduce((sum: number, bytes: number) => sum + bytes, 0)
      const found = await measured(db, runId)
      const words =
        `${Math.round(found / MiB)} MiB were measured, ` +
        `${JSON.stringify(need, (_, part: unknown) => (typeof part === 'number' ? Math.round(part / MiB) : part))} ` +
        'were said'
      expect(said / found, words).toBeGreaterThan(0.75)
      expect(said / found, words).toBeLessThan(1.25)
    })
  },
)
