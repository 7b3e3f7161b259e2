/** A run as a file: to another registry with all that belongs to it, on from there, and back. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { writeZip } from '../../src-main/places/zip-writing'
import { filesInZip, unzipInto } from '../../src-main/places/zip-reading'
import { makeBundle } from '../../src-main/runs/bundle/make-bundle'
import { openReadOnly, openRegistry } from '../../src-main/store/database'
import { examplesOf } from '../../src-main/store/examples'
import { judge as addJudgment } from '../../src-main/store/judgments'
import { createRun, runOf } from '../../src-main/store/runs'
import type { Run } from '../../src-shared/records/run'
import { testQueue } from '../helpers/labels'
import { testFolder, testRegistry } from '../helpers/registry'
import { testStudio, type TestStudio } from '../helpers/test-studio'
import { ended, imported, shown, tinyPretraining, until, weightsIn } from '../helpers/tiny-runs'

const timeout = 240_000

interface Placed extends TestStudio {
  readonly folder: string
}

async function studioIn(folder = testFolder()): Promise<Placed> {
  return { ...(await testStudio({ folder })), folder }
}

async function launched(studio: Placed, settings: object = {}): Promise<Run> {
  const texts = await imported(studio, 'texts.txt')
  return studio.ask('runs.launch', {
    recipe: 'pretrain',
    settings: { ...tinyPretraining, ...settings },
    inputs: { texts: [texts.id] },
  })
}

async function stoppedAfter(studio: Placed, run: Run, step: number): Promise<Run> {
  await until(studio, run.id, step)
  await studio.ask('runs.stop', { runId: run.id })
  return (await ended(studio, run.id)).run
}

async function sent(from: Placed, to: Placed, runId: string) {
  const path = join(testFolder(), 'run.zip')
  await from.ask('runs.export', { runId, path })
  return to.ask('runs.import', { path })
}

/** Everything that a registry holds, in numbers. */
async function held({ ask, folder }: Placed) {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((each) =>
    /safetensors$/.test(each),
  )
  return {
    runs: (await ask('runs.list', {})).length,
    datasets: (await ask('datasets.list', {})).length,
    checkpoints: (await ask('checkpoints.list', {})).length,
    files: files.length,
  }
}

const lastWeights = async ({ studio, folder }: Placed, { id, totalSteps }: Run): Promise<Float32Array> => {
  const db = openReadOnly(studio.registryPath)
  try {
    const row = db.get<{ path: string }>(
      'SELECT path FROM checkpoints WHERE run_id = ? AND step = ?',
      Number(id.slice(4)),
      totalSteps,
    )
    return await weightsIn(join(folder, row!.path))
  } finally {
    db.close()
  }
}

describe('a run as a file', () => {
  it(
    'comes to another registry with what it measured, wrote, said and saved; twice adds nothing',
    async () => {
      const [here, there] = [await studioIn(), await studioIn()]
      const { run } = await ended(here, (await launched(here)).id)
      const { run: taken, outcome } = await sent(here, there, run.id)

      expect(outcome).toBe('new')
      expect(taken).toMatchObject({
        name: run.name,
        settings: run.settings,
        state: 'finished',
        step: run.step,
      })
      const [before, after] = [await shown(here, run.id), await shown(there, taken.id)]
      expect(after.points).toEqual(before.points)
      expect(after.log).toEqual(before.log)
      expect(after.samples?.map(({ completion }) => completion)).toEqual(
        before.samples?.map(({ completion }) => completion),
      )
      expect(after.checkpoints?.map(({ step, bytes }) => [step, bytes])).toEqual(
        before.checkpoints?.map(({ step, bytes }) => [step, bytes]),
      )
      expect(await lastWeights(there, taken)).toEqual(await lastWeights(here, run))

      const counted = await held(there)
      expect(await sent(here, there, run.id)).toMatchObject({ outcome: 'known', run: { id: taken.id } })
      expect(await held(there)).toEqual(counted)
    },
    timeout,
  )

  it(
    'that was stopped goes on elsewhere and comes back, to the bits of one that stayed',
    async () => {
      const [here, there] = [await studioIn(), await studioIn()]
      const longer = { updates: 400, checkpointEvery: 100 }
      const stayed = await launched(here, longer)
      await ended(here, stayed.id)
      const moved = await stoppedAfter(here, await launched(here, longer), 11)
      expect(moved.state).toBe('stopped')

      const { run: taken } = await sent(here, there, moved.id)
      expect(taken).toMatchObject({ state: 'stopped', resumableStep: moved.step })
      await there.ask('runs.resume', { runId: taken.id })
      expect((await ended(there, taken.id)).run.state).toBe('finished')
      const back = await sent(there, here, taken.id)

      expect(back).toMatchObject({ outcome: 'continued', run: { id: moved.id, state: 'finished' } })
      expect(await lastWeights(here, back.run)).toEqual(
        await lastWeights(here, { ...stayed, totalSteps: 400 }),
      )
      const losses = async (id: string) =>
        (await shown(here, id)).points!.filter(({ name }) => name === 'loss/train').map(({ value }) => value)
      expect(await losses(moved.id)).toEqual(await losses(stayed.id))
    },
    timeout,
  )

  it(
    'of adapters brings the model that they stand on, and writes with both',
    async () => {
      const [here, there] = [await studioIn(), await studioIn()]
      const { run: base } = await ended(here, (await launched(here)).id)
      const policy = (await here.ask('runs.show', { runId: base.id })).checkpoints.at(-1)!
      const demonstrations = await imported(here, 'labelled.jsonl')
      const { id } = await here.ask('runs.launch', {
        recipe: 'sft',
        settings: {
          epochs: 1,
          batchExamples: 8,
          warmupUpdates: 1,
          checkpointEvery: 2,
          adapter: 'lora',
          loraRank: 2,
        },
        inputs: { policy: [policy.id], demonstrations: [demonstrations.id] },
      })
      const { run } = await ended(here, id)
      expect(run.state).toBe('finished')

      // another run there has the folder's name that the base had here
      await ended(there, (await launched(there, { seed: 9 })).id)
      const { run: taken } = await sent(here, there, run.id)
      const adapters = (await there.ask('runs.show', { runId: taken.id })).checkpoints.at(-1)!
      const sampling = { temperature: 0, topK: 0, topP: 1, maxTokens: 24, seed: 1 }
      const written = async (studio: Placed, leftCheckpointId: string) =>
        (await studio.follow('samples.generate', { prompt: 'the ', leftCheckpointId, sampling })).flatMap(
          (piece) => ('text' in piece ? [piece.text] : []),
        )
      const own = (await here.ask('runs.show', { runId: run.id })).checkpoints.at(-1)!
      expect((await written(there, adapters.id)).join('')).toBe((await written(here, own.id)).join(''))
    },
    timeout,
  )

  it('takes the judgments that were known at its launch, as rows', async () => {
    const db = testRegistry()
    const { queue, comparisons } = testQueue(db, 4)
    const judge = (index: number, verdict: 'left' | 'right') =>
      addJudgment(db, {
        comparisonId: comparisons[index]!.id,
        verdict,
        judgedAtMs: 1,
        window: '',
        annotator: '',
      })
    judge(0, 'left')
    judge(1, 'right')
    const run = createRun(db, {
      name: 'rm',
      recipe: 'reward',
      settings: { epochs: 1 },
      inputs: { pairs: [queue.datasetId] },
      device: 'cpu',
      programVersion: '1',
      createdAtMs: 77,
    })
    judge(1, 'left')
    judge(2, 'left')

    const folder = testFolder()
    await makeBundle(db, run.id, folder)
    const bundle = openReadOnly(join(folder, 'registry.sqlite'))
    const texts = (from: typeof bundle, runId: string) =>
      [...examplesOf(from, runOf(from, runId).inputs['pairs']![0]!, { judgment: run.judgmentWatermark })].map(
        ({ prompt, completion, rejected }) => [prompt, completion, rejected],
      )
    expect(texts(bundle, run.id)).toEqual(texts(db, run.id))
    expect(texts(bundle, run.id)).toHaveLength(2)
    expect(bundle.get('SELECT count(*) AS n FROM judgments')).toEqual({ n: 0 })
    bundle.close()
  })
})

describe('a file that is no run', () => {
  const registryIn = (folder: string, change: string): string => {
    const file = join(folder, 'registry.sqlite')
    const db = openRegistry(file)
    db.script(change)
    db.close()
    return file
  }
  const zipped = async (entries: Record<string, string>): Promise<string> => {
    const path = join(testFolder(), 'foreign.zip')
    await writeZip(
      path,
      Object.entries(entries).map(([name, file]) => ({ name, path: file, isPacked: true })),
    )
    return path
  }
  const insertRun = `INSERT INTO runs (
      name, recipe, state, settings, judgment_watermark, device, program_version, created_at_ms)
    VALUES ('x', 'sft', 'finished', '{"epochs":1}', 0, 'cpu', '1', 5)`
  const cases: readonly (readonly [string, (folder: string) => Promise<string>, RegExp])[] = [
    [
      'text',
      async (folder) => (writeFileSync(join(folder, 'a'), 'x'.repeat(90)), join(folder, 'a')),
      /no ZIP file/,
    ],
    [
      'a file that leads out of its folder',
      async (folder) => zipped({ '../../outside.safetensors': registryIn(folder, insertRun) }),
      /no bundle of a run/,
    ],
    ['no run', async (folder) => zipped({ 'registry.sqlite': registryIn(folder, '') }), /holds no run/],
    [
      'a trigger of its own',
      async (folder) =>
        zipped({
          'registry.sqlite': registryIn(
            folder,
            `${insertRun}; CREATE TRIGGER own AFTER INSERT ON runs BEGIN DELETE FROM runs; END`,
          ),
        }),
      /its tables are not those/,
    ],
    [
      'a recipe that nobody knows',
      async (folder) => zipped({ 'registry.sqlite': registryIn(folder, insertRun.replace('sft', 'magic')) }),
      /“magic”/,
    ],
    [
      'a checkpoint that lies elsewhere',
      async (folder) =>
        zipped({
          'registry.sqlite': registryIn(
            folder,
            `${insertRun}; INSERT INTO checkpoints (
              name, kind, run_id, step, parameters, context_tokens, tokenizer, bytes,
              path, created_at_ms) VALUES ('c', 'language-model', 1, 1, 1, 1, 't', 1, '/etc/passwd', 1)`,
          ),
        }),
      /not in its own folder/,
    ],
  ]
  it.each(cases)('is refused in words, and leaves nothing: %s', async (_, make, words) => {
    const studio = await studioIn()
    const before = await held(studio)
    await expect(studio.ask('runs.import', { path: await make(testFolder()) })).rejects.toThrow(words)
    expect(await held(studio)).toEqual(before)
    expect(existsSync(join(studio.folder, 'outside.safetensors'))).toBe(false)
    expect(studio.bugs).toEqual([])
  })
})

describe('ZIP files', () => {
  const python = ((): string | undefined => {
    try {
      return execFileSync('python3', ['-c', 'import zipfile; print("python3")']).toString().trim()
    } catch {
      return undefined
    }
  })()

  it.skipIf(python === undefined)('are those of Python’s zipfile, both ways', async () => {
    const folder = testFolder()
    mkdirSync(join(folder, 'in'))
    const texts = { 'a.txt': 'a'.repeat(5000), 'ä/b.bin': '\0\x01\x02', empty: '' }
    const entries = Object.entries(texts).map(([name, text], index) => {
      writeFileSync(join(folder, 'in', String(index)), text)
      return { name, path: join(folder, 'in', String(index)), isPacked: index % 2 === 0 }
    })
    await writeZip(join(folder, 'ours.zip'), entries)
    const read = `import zipfile, json; z = zipfile.ZipFile('ours.zip'); assert z.testzip() is None
print(json.dumps({n: z.read(n).decode() for n in z.namelist()}))
w = zipfile.ZipFile('theirs.zip', 'w', zipfile.ZIP_DEFLATED)
w.write('in/0', 'a.txt')
with w.open('large.bin', 'w', force_zip64=True) as f: f.write(b'12345')
w.close()`
    expect(JSON.parse(execFileSync('python3', ['-c', read], { cwd: folder }).toString())).toEqual(texts)

    const theirs = join(folder, 'theirs.zip')
    await unzipInto(join(folder, 'out'), theirs, await filesInZip(theirs))
    expect(readFileSync(join(folder, 'out', 'a.txt'), 'utf8')).toBe(texts['a.txt'])
    expect(readFileSync(join(folder, 'out', 'large.bin'), 'utf8')).toBe('12345')
  })

  it('with a flipped bit are refused, wherever it is', async () => {
    const folder = testFolder()
    writeFileSync(join(folder, 'a'), 'all of this text')
    const zip = join(folder, 'a.zip')
    await writeZip(zip, [{ name: 'a', path: join(folder, 'a'), isPacked: false }])
    const bytes = readFileSync(zip)
    bytes[35]! ^= 1
    writeFileSync(zip, bytes)
    await expect(unzipInto(join(folder, 'out'), zip, await filesInZip(zip))).rejects.toThrow(/damaged/)
  })
})
