/** Starts that go wrong end with a sentence, and those that go right begin with something real on screen. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { seeded } from '../../src-main/maths/random'
import { trainCharacterTokenizer } from '../../src-main/model/tokenizers/character'
import { saveModel } from '../../src-main/model/checkpoint'
import { createLanguageModel } from '../../src-main/model/language-model'
import { openRegistry } from '../../src-main/store/database'
import { builtMain } from '../helpers/built-main'
import { startStudio } from '../helpers/headless-studio'
import { testFolder } from '../helpers/registry'
import { testStudio } from '../helpers/test-studio'

/** Runs the server until it ends. */
async function failedStart(
  ...flags: readonly string[]
): Promise<{ readonly code: number | null; readonly said: string }> {
  const { headless } = await builtMain()
  const child = fork(headless, flags, { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => {
      said += chunk.toString()
    })
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, said: said.trim() }
}

describe('a second start on a registry that is open', () => {
  it('is refused in words and disturbs nobody', async () => {
    const registry = join(testFolder(), 'registry.sqlite')
    const first = await startStudio(registry)
    expect(await failedStart('--registry', registry)).toEqual({
      code: 1,
      said:
        `This registry is already open in another studio (process ${first.process.pid}): ${registry}. Use ` +
        'that window, or close it first; nothing was changed.',
    })
    expect((await first.ask('app.info', {})).registryPath).toBe(registry)
    expect(await first.end()).toBe(0)
    const third = await startStudio(registry)
    expect(await third.end()).toBe(0)
  }, 120_000)
})

describe('a registry that cannot be opened', () => {
  it('of a newer version is left as it is', async () => {
    const registry = join(testFolder(), 'registry.sqlite')
    const db = openRegistry(registry)
    db.script('PRAGMA user_version = 999')
    db.close()
    const { code, said } = await failedStart('--registry', registry)
    expect([code, said]).toEqual([
      1,
      expect.stringMatching(
        /was written by a newer version of RLHF Studio \(format 999; this one knows \d+\)\. It was left as it is; open it with the newer version, or choose another registry\.$/,
      ),
    ])
  })

  it('because it is something else is left as it is', async () => {
    const registry = join(testFolder(), 'registry.sqlite')
    writeFileSync(registry, 'a letter to a friend, and certainly no database at all')
    const { code, said } = await failedStart('--registry', registry)
    expect([code, said]).toEqual([1, expect.stringContaining('is not a registry of RLHF Studio')])
    expect(readFileSync(registry, 'utf8')).toContain('a letter to a friend')
  })
})

describe('a start with wrong flags', () => {
  it.each([
    [['--port', 'many'], '--port must be a whole number between 0 and 65535, not “many”'],
    [['--port', '70000'], '--port must be a whole number between 0 and 65535, not “70000”'],
    [['--colour'], /^Unknown option '--colour'/],
  ])('says what is wrong with %j', async (flags, sentence) => {
    const { code, said } = await failedStart(...flags)
    expect(code).toBe(1)
    expect(said).toMatch(sentence)
  })

  it('says that a port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    onTestFinished(() => void other.close())
    await once(other, 'listening')
    const { port } = other.address() as { port: number }
    expect(
      await failedStart('--registry', join(testFolder(), 'registry.sqlite'), '--port', String(port)),
    ).toEqual({
      code: 1,
      said: 'This port is taken by another program. Choose another with --port, or leave it out.',
    })
  })
})

describe('a first launch', () => {
  it(
    'brings datasets, lists made from them, a checkpoint with its run, and a queue that fills itself; what ' +
      'a person removes stays away',
    async () => {
      const folder = testFolder()
      const resources = join(folder, 'resources')
      await bundledModel(join(resources, 'checkpoint'))
      for (const [file, text] of Object.entries(bundled)) {
        mkdirSync(join(resources, 'datasets'), { recursive: true })
        writeFileSync(join(resources, 'datasets', file), text)
      }
      const first = await testStudio({ folder, resources })
      const datasets = (await first.follow('datasets.watch', {}, (list) => list.length === 11)).at(-1)!
      expect(
        datasets.map(({ name, kind, origin, rows }) => `${name}: ${kind}, ${origin}, ${rows}`).sort(),
      ).toEqual([
        'Happy reviews: preferences, judgments, 0',
        'Moby Dick: text, bundled, 1',
        'Pride and Prejudice: text, bundled, 1',
        'Review demonstrations: demonstrations, bundled, 4',
        'Review preference pairs: preferences, bundled, 2',
        'Review prompts: prompts, bundled, 2',
        'Review sentences: labelled, bundled, 2',
        'Short English sentences: text, bundled, 2',
        'Six digits to sort: demonstrations, bundled, 1',
        'The Devil’s Dictionary: demonstrations, bundled, 1',
        'Two-digit sums: demonstrations, bundled, 2',
      ])
      expect(await first.ask('checkpoints.list', {})).toMatchObject([
        { name: 'Review writer, update 12', kind: 'language-model', step: 12, tokenizer: '29 characters' },
      ])
      const [run] = await first.ask('runs.list', {})
      expect(run).toMatchObject({
        name: 'Review writer',
        state: 'finished',
        step: 12,
        endedAtMs: 900,
        inputs: { texts: [datasets.find(({ name }) => name === 'Review sentences')!.id] },
      })
      const [listed] = await first.follow('runs.changes', {}, () => true)
      expect(listed!.trends).toEqual([
        { runId: run!.id, steps: [1, 12], values: [4, 2], last: { 'loss/train': 2 } },
      ])
      const [queue] = await first.ask('labels.queues', {})
      await first.follow('labels.watch', { queueId: queue!.id }, ({ ahead }) => ahead === 8)
      await first.ask('datasets.remove', { datasetId: datasets.find(({ name }) => name === 'Moby Dick')!.id })
      await first.studio.close()

      const second = await testStudio({ folder, resources })
      expect(await second.ask('datasets.list', {})).toHaveLength(10)
      expect(await second.ask('checkpoints.list', {})).toHaveLength(1)
      expect(await second.ask('runs.list', {})).toHaveLength(1)
      expect(await second.ask('labels.queues', {})).toHaveLength(1)
      expect([first.bugs, second.bugs]).toEqual([[], []])
    },
  )

  it('that was cut short is completed by the next, with nothing doubled', async () => {
    const folder = testFolder()
    const resources = join(folder, 'resources')
    await bundledModel(join(resources, 'checkpoint'))
    mkdirSync(join(resources, 'datasets'), { recursive: true })
    const [last, ...others] = Object.entries(bundled).reverse()
    for (const [file, text] of others) writeFileSync(join(resources, 'datasets', file), text)
    const first = await testStudio({ folder, resources })
    // a file of the installation is missing
    while (first.bugs.length === 0) await new Promise((resolve) => setTimeout(resolve, 20))
    await first.studio.close()
    writeFileSync(join(resources, 'datasets', last![0]), last![1])
    const second = await testStudio({ folder, resources })
    const datasets = (await second.follow('datasets.watch', {}, (list) => list.length === 11)).at(-1)!
    expect(new Set(datasets.map(({ name }) => name)).size).toBe(11)
    expect(await second.ask('checkpoints.list', {})).toHaveLength(1)
    expect(await second.ask('runs.list', {})).toHaveLength(1)
    expect(await second.ask('labels.queues', {})).toHaveLength(1)
  })
})

const bundled = {
  'sentiment-preference-pairs.jsonl':
    '{"prompt":"about a film:","chosen":"good","rejected":"bad"}\n{"prompt":"about a ' +
    'phone:","chosen":"fine","rejected":"poor"}',
  'sentiment-sentences.jsonl':
    '{"text":"good","label":1,"source":"imdb"}\n{"text":"bad","label":0,"source":"yelp"}',
  'devils-dictionary-qa.jsonl': '{"prompt":"ABASEMENT","response":"a decent attitude"}',
  'short-english-wordnet.txt': 'one sentence\nanother sentence',
  'austen-pride-and-prejudice.txt': 'It is a truth universally acknowledged',
  'moby-dick.txt': 'Call me Ishmael',
  'two-digit-sums.csv': 'prompt,completion\n0102,300\n9999,891\n',
  'six-digits.csv': 'prompt,completion\n312111,111123\n',
}

async function bundledModel(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true })
  const tokenizer = trainCharacterTokenizer(['abcdefghijklmnopqrstuvwxyz :.'])
  const config = {
    architecture: 'gpt',
    layers: 1,
    heads: 2,
    width: 16,
    contextTokens: 32,
    vocabulary: tokenizer.vocabulary,
    isTied: true,
  } as const
  await saveModel(
    join(folder, 'review-writer.safetensors'),
    createLanguageModel(config, tokenizer, seeded(1)),
    {},
  )
  const run = {
    name: 'Review writer',
    recipe: 'pretrain',
    settings: {},
    device: 'cpu',
    programVersion: '0.1.0',
    createdAtMs: 100,
    startedAtMs: 200,
    endedAtMs: 900,
    step: 12,
    totalSteps: 12,
  }
  const points = [
    { name: 'loss/train', step: 1, value: 4 },
    { name: 'loss/train', step: 12, value: 2 },
  ]
  writeFileSync(
    join(folder, 'runs.json'),
    JSON.stringify([
      {
        run,
        inputs: { texts: ['Review sentences'] },
        samples: [],
        log: [],
        points,
        file: 'review-writer.safetensors',
      },
    ]),
  )
}
