/** The command line as it is built, each command in a process of its own. */
import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import path, { join } from 'node:path'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { Checkpoint } from '../../src-shared/records/checkpoint'
import type { Dataset } from '../../src-shared/records/dataset'
import type { Device } from '../../src-shared/records/device'
import type { Run } from '../../src-shared/records/run'
import { builtMain } from '../helpers/built-main'
import { end, writeLlama } from '../field-cases/table-models'
import { testFolder, testRegistry } from '../helpers/registry'

const sentences = Array.from(
  { length: 200 },
  (_, index) =>
    `the ${['cat', 'dog', 'bird', 'fish'][index % 4]} saw ${index} ` +
    `${['trees', 'houses', 'boats'][index % 3]}`,
)
const tiny = [
  '--layers',
  '1',
  '--heads',
  '2',
  '--width',
  '16',
  '--context-tokens',
  '32',
  '--batch-rows',
  '8',
  '--checkpoint-every',
  '1000',
  '--samples-every',
  '1000',
]

let cli = ''
beforeAll(async () => {
  cli = (await builtMain()).cli
})

interface Ended {
  readonly out: string
  readonly err: string
  readonly code: number | null
}

/** One command on a registry, as a person's shell runs it. */
function studio(
  registry: string,
  ...args: readonly string[]
): Promise<Ended> & { readonly child: ReturnType<typeof spawn> } {
  const child = spawn(process.execPath, [cli, ...args, '--registry', registry], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  let out = ''
  let err = ''
  child.stdout.on('data', (data: Buffer) => {
    out += data.toString()
  })
  child.stderr.on('data', (data: Buffer) => {
    err += data.toString()
  })
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (code) => resolve({ out, err, code }))
  })
  return Object.assign(ended, { child })
}

const json = <T>(ended: Ended): T => JSON.parse(ended.out) as T
const lines = (ended: Ended): readonly Record<string, unknown>[] =>
  ended.out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)

/** A folder with a file of sentences, and the path of a registry that is not there yet. */
function workplace(): { readonly folder: string; readonly registry: string; readonly file: string } {
  const folder = testFolder()
  const file = path.join(folder, 'animals.txt')
  writeFileSync(file, sentences.join('\n'))
  return { folder, registry: path.join(folder, 'registry.sqlite'), file }
}

describe('studio import', () => {
  it('says what it read as what and what not, and takes a mapping of columns before and after files', async () => {
    const registry = path.join(testFolder(), 'r.sqlite')
    const file = path.join(testFolder(), 'forum.jsonl')
    writeFileSync(file, '{"title":"Egg?","best_reply":"Eight.","worst_reply":"No.","votes":3}\n')
    const refused = await studio(registry, 'import', file)
    expect(refused.code).not.toBe(0)
    expect(refused.out).toContain('no known columns: found "title", "best_reply", "worst_reply", "votes"')
    const mapping = ['--map', 'prompt=title,chosen=best_reply', '--map', 'rejected=worst_reply']
    const read = await studio(registry, 'import', ...mapping, file)
    expect(read.out).toContain(
      'read title as prompt, best_reply as chosen, worst_reply as rejected; not read: votes',
    )
    const again = await studio(registry, 'import', file, ...mapping, '--json')
    expect(json<object[]>(again)).toMatchObject([
      { isNew: false, dataset: { kind: 'preferences', rows: 1 }, columns: { unread: ['votes'] } },
    ])
    expect((await studio(registry, 'datasets', 'forum')).out).toMatch(/1 preference pair[^]*not read: votes/)
  })

  it('brings files in whole, and says of a refused one the line and the reason', async () => {
    const { folder, registry, file } = workplace()
    const broken = path.join(folder, 'broken.jsonl')
    writeFileSync(broken, '{"prompt":"a","chosen":"b","rejected":"c"}\n{"prompt":"a","rejected":"c"}\n')
    const ended = await studio(registry, 'import', broken, file)
    expect(ended.out).toMatch(
      /refused {2}broken\.jsonl, line 2: "chosen" is missing\nimported .*animals\.txt → “animals” \(dataset-\d+\): 200 rows, text/,
    )
    expect(ended.code).toBe(1)

    const datasets = json<Dataset[]>(await studio(registry, 'datasets', '--json'))
    expect(datasets.map(({ name, rows }) => ({ name, rows }))).toEqual([{ name: 'animals', rows: 200 }])
  })

  it('adds nothing the second time', async () => {
    const { registry, file } = workplace()
    await studio(registry, 'import', file)
    expect(json<{ isNew: boolean }[]>(await studio(registry, 'import', file, '--json'))).toMatchObject([
      { isNew: false },
    ])
  })
})

describe('studio train', () => {
  it('knows the self-checks by name, with their data', async () => {
    const { registry } = workplace()
    const trained = await studio(
      registry,
      'train',
      'adder',
      '--updates',
      '10',
      '--samples-every',
      '10',
      '--name',
      'sums',
    )
    expect(trained.out).toMatch(/^Finished at update 10 of 10 in /)
    expect((await studio(registry, 'show', 'sums')).out).toMatch(/accuracy\/exact [\d.]+/)
    expect(
      json<Dataset[]>(await studio(registry, 'datasets', '--json')).map(({ name, rows }) => ({ name, rows })),
    ).toEqual([{ name: 'Two-digit sums', rows: 10_000 }])
    expect((await studio(registry, 'train', 'sort', '--help')).out).toContain('Expected: all of 500')
  })

  it('trains, and what it made can be listed, shown and asked to write', async () => {
    const { registry, file } = workplace()
    await studio(registry, 'import', file)
    const trained = await studio(
      registry,
      'train',
      'pretrain',
      '--texts',
      'animals',
      '--updates',
      '20',
      '--name',
      'animals',
      ...tiny,
    )
    expect(trained.out).toMatch(/^Finished at update 20 of 20 in /)
    expect(trained.code).toBe(0)

    expect((await studio(registry, 'runs')).out).toMatch(/run-1 .*pretrain .*animals .*finished .*20 of 20/)
    const shown = await studio(registry, 'show', 'animals')
    expect(shown.out).toContain('Width: 16 channels (default 128)')
    expect(shown.out).toMatch(/loss\/train [\d.]+ nats a token/)

    const [checkpoint] = json<Checkpoint[]>(await studio(registry, 'checkpoints', '--json'))
    const once = json<{ completions: { text: string }[] }[]>(
      await studio(
        registry,
        'sample',
        checkpoint!.id,
        '--prompt',
        'the ',
        '--count',
        '2',
        '--seed',
        '3',
        '--json',
      ),
    )
    const again = json<{ completions: { text: string }[] }[]>(
      await studio(
        registry,
        'sample',
        checkpoint!.name,
        '--prompt',
        'the ',
        '--count',
        '2',
        '--seed',
        '3',
        '--json',
      ),
    )
    expect(once[0]?.completions).toHaveLength(2)
    expect(again).toEqual(once)
  })

  it('with --json says each step and the end as a line of JSON, and nothing else', async () => {
    const { registry, file } = workplace()
    await studio(registry, 'import', file)
    const said = lines(
      await studio(registry, 'train', 'pretrain', '--texts', 'animals', '--updates', '20', '--json', ...tiny),
    )
    expect(new Set(said.map((line) => line['kind']))).toEqual(new Set(['update', 'ended']))
    expect(said.at(-1)).toMatchObject({ kind: 'ended', run: { state: 'finished', step: 20 } })
    expect(
      (said.flatMap((line) => line['points'] ?? []) as { name: string }[]).filter(
        (point) => point.name === 'loss/train',
      ),
    ).toHaveLength(20)
  })

  it('starts nothing with wrong settings, and speaks of flags', async () => {
    const { registry, file } = workplace()
    await studio(registry, 'import', file)
    const refused = await studio(
      registry,
      'train',
      'pretrain',
      '--texts',
      'animals',
      '--learning-rate',
      '99',
      '--width',
      '15',
      '--heads',
      '2',
    )
    expect(refused.err).toMatch(/--learning-rate: must be between/)
    expect(refused.err).toMatch(/--heads: must divide the width/)
    expect(refused.code).toBe(2)
    expect(json<Run[]>(await studio(registry, 'runs', '--json'))).toEqual([])
  })

  it(
    'saves and stops at Ctrl C, reads go on beside it, another writer is refused, and resume goes on where ' +
      'it stopped',
    async () => {
      const { registry, file } = workplace()
      await studio(registry, 'import', file)
      const training = studio(
        registry,
        'train',
        'pretrain',
        '--texts',
        'animals',
        '--updates',
        '100000',
        '--name',
        'long',
        ...tiny,
      )
      const first = async (): Promise<Run | undefined> =>
        json<Run[]>(await studio(registry, 'runs', '--json'))[0]
      await expect.poll(async () => (await first())?.step ?? 0, { timeout: 150_000 }).toBeGreaterThan(5)

      const refused = await studio(registry, 'import', file, '--json')
      expect(json<{ error: { kind: string; text: string } }>(refused).error).toMatchObject({
        kind: 'storage',
      })
      expect(refused.out).toContain('already open in another studio')
      expect(refused.code).toBe(1)

      training.child.kill('SIGINT')
      const stopped = await training
      expect(stopped.err).toMatch(/Stopping, saving update \d+/)
      expect(stopped.code).toBe(130)
      const run = await first()
      expect(run).toMatchObject({ state: 'stopped' })
      expect(run?.resumableStep).toBe(run?.step)

      const resumed = studio(registry, 'resume', 'long')
      await expect
        .poll(async () => (await first())?.step ?? 0, { timeout: 150_000 })
        .toBeGreaterThan(run!.step)
      resumed.child.kill('SIGINT')
      expect((await resumed).err).toContain(`Resumed at update ${run?.step}`)
    },
  )
})

describe('studio', () => {
  it('says what is wrong with a command, and with --json says it as JSON', async () => {
    const { registry } = workplace()
    const refused = await studio(registry, 'train', 'ppo', '--frobnicate', '3')
    expect(refused.err).toContain("unknown option '--frobnicate'")
    expect(refused.code).toBe(2)
    expect(json<{ error: { kind: string } }>(await studio(registry, 'show', '--json')).error.kind).toBe(
      'invalid-input',
    )
  })

  it('says where the registry would be when there is none to read', async () => {
    const { registry } = workplace()
    const refused = await studio(registry, 'runs')
    expect(refused.err).toContain(`There is no registry at ${registry} yet`)
    expect(refused.code).toBe(1)
  })

  it('refuses a prompt that the checkpoint cannot read, naming the character', async () => {
    const { registry, file } = workplace()
    await studio(registry, 'import', file)
    await studio(registry, 'train', 'pretrain', '--texts', 'animals', '--updates', '2', ...tiny)
    const [checkpoint] = json<Checkpoint[]>(await studio(registry, 'checkpoints', '--json'))
    const refused = await studio(registry, 'sample', checkpoint!.id, '--prompt', 'thé')
    expect(refused.err).toContain('"é" (U+00E9) at character 3')
    expect(refused.code).toBe(2)
  })

  it('writes with 8-bit weights when told to, and refuses them in words where they cannot be', async () => {
    const { registry, file } = workplace()
    await studio(registry, 'import', file)
    await studio(
      registry,
      'train',
      'pretrain',
      '--texts',
      'animals',
      '--updates',
      '2',
      ...tiny,
      '--width',
      '256',
    )
    const [checkpoint] = json<Checkpoint[]>(await studio(registry, 'checkpoints', '--json'))
    const sample = (...more: readonly string[]) =>
      studio(registry, 'sample', checkpoint!.id, '--count', '200', '--json', ...more)
    const [plain, inBits] = [await sample(), await sample('--weights', '8-bit')]
    expect([plain.code, inBits.code]).toEqual([0, 0])
    expect(inBits.out).not.toBe(plain.out)
    expect((await sample('--weights', '8-bit')).out).toBe(inBits.out)
    expect(json(await sample('--weights', '8-bit', '--device', 'webgpu'))).toMatchObject({
      error: {
        field: '--weights',
        problem: '8-bit is for the device cpu: on webgpu models write with their weights as they are',
      },
    })
    expect((await sample('--weights', '4-bit')).code).toBe(2)
  })

  it('takes stop texts, a penalty for repetition, min-p and others (case 43), and refuses what is none', async () => {
    const { registry, file } = workplace()
    await studio(registry, 'import', file)
    await studio(registry, 'train', 'pretrain', '--texts', 'animals', '--updates', '2', ...tiny)
    const [checkpoint] = json<Checkpoint[]>(await studio(registry, 'checkpoints', '--json'))
    const sample = (...more: readonly string[]) =>
      studio(registry, 'sample', checkpoint!.id, '--count', '20', '--json', ...more)
    const plain = await sample()
    const rules = ['--stop e', '--repetition-penalty 3', '--min-p 0.9', '--typical-p 0.1', '--unique-ngram 1']
    for (const rule of rules) {
      const written = await sample(...rule.split(' '))
      expect([rule, written.code, written.out === plain.out]).toEqual([rule, 0, false])
    }
    expect((await sample('--stop', 'e')).out).not.toMatch(/"text": "[^"]*e/)
    for (const [flag, value] of [
      ['--stop', 'a,'],
      ['--min-p', '2'],
      ['--repetition-penalty', '0'],
    ] as const)
      expect(json(await sample(flag, value))).toMatchObject({ error: { field: flag } })
  })

  it('puts a system turn before the prompt, in the words of the model’s template (case 43)', async () => {
    const { registry } = workplace()
    // the last token decides what is written: the system's words where there are some, else the user's
    const folder = await writeLlama(join(testFolder(), 'by-system'), {
      says: { '*': 'y', x: 'n', y: end, n: end },
      names: { eos_token: end, pad_token: '<|endoftext|>', chat_template: "{{ messages[0]['content'] }}" },
    })
    await studio(registry, 'models', 'import', folder, '--name', 'by system')
    const sample = async (...more: readonly string[]) =>
      await studio(registry, 'sample', 'by system', '--prompt', 'Egg?', '--count', '1', '--json', ...more)
    expect(json(await sample())).toMatchObject([{ completions: [{ text: 'y', hasEnded: true }] }])
    expect(json(await sample('--system', 'x'))).toMatchObject([
      { completions: [{ text: 'n', hasEnded: true }] },
    ])

    const strict = await writeLlama(join(testFolder(), 'refuses'), {
      names: {
        eos_token: end,
        pad_token: '<|endoftext|>',
        chat_template:
          "{% if 'x' in messages[0]['content'] %}{{ raise_exception('No x may be said here') }}{% endif %}" +
          "{{ messages[0]['content'] }}",
      },
    })
    await studio(registry, 'models', 'import', strict, '--name', 'refuses')
    const refused = await studio(registry, 'sample', 'refuses', '--prompt', 'Egg?', '--system', 'x')
    expect([refused.code, refused.err]).toEqual([2, expect.stringContaining('No x may be said here')])
  })

  it('lists the devices, with the reason where one cannot be used', async () => {
    const { registry } = workplace()
    const devices = json<Device[]>(await studio(registry, 'devices', '--json'))
    expect(devices.filter((device) => device.isDefault && device.isUsable)).toHaveLength(1)
    expect(devices.every((device) => device.isUsable || device.whyNot)).toBe(true)
  })

  it('serves the studio until it is told to stop', async () => {
    const { registry } = workplace()
    const serving = studio(registry, 'serve')
    const address = await new Promise<string>((resolve) =>
      serving.child.stdout?.on('data', (data: Buffer) => {
        const found = /http:\/\/127\.0\.0\.1:\d+/.exec(data.toString())
        if (found) resolve(found[0])
      }),
    )
    expect((await fetch(address)).status).toBe(200)
    serving.child.kill('SIGINT')
    expect((await serving).code).toBe(0)
  })

  it('tells its version and its help', async () => {
    const { registry } = workplace()
    expect((await studio(registry, '--version')).out).toMatch(/^\d+\.\d+\.\d+\n$/)
    expect((await studio(registry, 'train', 'ppo', '--help')).out).toContain('--kl-beta <number>')
  })
})

describe('a registry that a studio has open', () => {
  it('can still be read', async () => {
    const { registry } = workplace()
    testRegistry(path.dirname(registry))
    expect(json<Run[]>(await studio(registry, 'runs', '--json'))).toEqual([])
  })
})

describe('studio models', () => {
  it('brings a model in, renames it, and deletes it', async () => {
    const { folder, registry, file } = workplace()
    await studio(registry, 'import', file)
    await studio(registry, 'train', 'pretrain', '--texts', 'animals', '--updates', '2', ...tiny)
    const [trained] = json<Checkpoint[]>(await studio(registry, 'checkpoints', '--json'))
    const weights = path.join(folder, 'registry-checkpoints', trained!.runId!, 'update-000002.safetensors')

    const other = path.join(folder, 'other.sqlite')
    const imported = json<Checkpoint>(
      await studio(other, 'models', 'import', weights, '--name', 'Animals', '--json'),
    )
    expect(imported).toMatchObject({
      name: 'Animals',
      architecture: 'gpt',
      parameters: trained!.parameters,
      contextTokens: 32,
      importedFrom: 'update-000002.safetensors',
    })
    expect((await studio(other, 'sample', 'Animals', '--count', '1', '--max-tokens', '5')).code).toBe(0)
    expect((await studio(other, 'models', 'rename', 'Animals', 'Base')).out).toContain('“Base”')
    expect((await studio(other, 'models', 'remove', 'Base')).code).toBe(0)
    expect(json(await studio(other, 'checkpoints', '--json'))).toEqual([])
  })

  it('puts an adapter onto a model that is here, which then stays', async () => {
    const { registry } = workplace()
    const models = path.join(import.meta.dirname, '../fixtures/models')
    await studio(registry, 'models', 'import', path.join(models, 'gpt2'), '--name', 'Tiny')
    const alone = await studio(registry, 'models', 'import', path.join(models, 'adapters/gpt2-fused'))
    expect([alone.code, alone.err]).toEqual([
      1,
      expect.stringContaining(
        'gpt2-fused: it is an adapter alone, made for “gpt2”: say which model of the library it stands on',
      ),
    ])
    const put = await studio(
      registry,
      'models',
      'import',
      path.join(models, 'adapters/gpt2-fused'),
      '--base',
      'Tiny',
      '--name',
      'Fused',
    )
    expect(put.out).toContain('imported “Fused” (checkpoint-2): an adapter on “Tiny”, gpt, ')
    expect((await studio(registry, 'sample', 'Fused', '--count', '1', '--max-tokens', '5')).code).toBe(0)
    expect((await studio(registry, 'models', 'remove', 'Tiny')).err).toContain(
      'This checkpoint is used by the adapter “Fused” and stays.',
    )
    expect(
      (
        await studio(
          registry,
          'models',
          'import',
          path.join(models, 'adapters/gpt2-fused'),
          '--base',
          'Nobody',
        )
      ).code,
    ).toBe(2)
  })

  it('says why a file is no model, and keeps nothing of it', async () => {
    const { registry, file } = workplace()
    const ended = await studio(registry, 'models', 'import', file)
    expect(ended).toMatchObject({ code: 1 })
    expect(ended.err).toContain('animals.txt')
    expect(json(await studio(registry, 'checkpoints', '--json'))).toEqual([])
  })
})
