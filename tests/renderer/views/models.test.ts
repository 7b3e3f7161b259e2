// @vitest-environment happy-dom
import { afterEach, describe, expect, it } from 'vitest'
import ModelsView from '../../../src-renderer/views/ModelsView.vue'
import { useToasts } from '../../../src-renderer/stores/toasts'
import type { Checkpoint } from '../../../src-shared/records/checkpoint'
import { StudioFailure } from '../../../src-shared/result'
import { aRoom, type Room } from '../../helpers/a-room'
import { channel, fakeApi, settled, type FakeApi } from '../../helpers/fake-api'
import { aCheckpoint, aRun } from '../../../src-renderer/dev/records'

const own = aCheckpoint({ id: 'own', name: 'sft-01, update 60', runId: 'r' })
const small = aCheckpoint({
  id: 'small',
  name: 'SmolLM2 135M',
  architecture: 'llama',
  licence: 'apache-2.0',
  importedFrom: 'smol.gguf',
  parameters: 134_515_008,
  contextTokens: 8192,
  step: 0,
})

let room: Room
afterEach(() => room.leave())

/** A main with two checkpoints that knows one file, and refuses any other. */
async function enter(): Promise<{
  readonly api: FakeApi
  readonly list: { current: readonly Checkpoint[] }
  /** What uses the checkpoints, as main knows. */
  readonly users: { by?: string }
}> {
  const list = { current: [own] as readonly Checkpoint[] }
  const users: { by?: string } = {}
  const checkpoints = channel<readonly Checkpoint[]>(() => list.current)
  const say = (next: readonly Checkpoint[]): void => {
    list.current = next
    checkpoints.push(next)
  }
  const api = fakeApi({
    calls: {
      'app.info': () => ({
        version: '0.1.0',
        host: 'headless',
        registryPath: '/r.sqlite',
        registryBytes: 1,
        devices: [],
      }),
      'checkpoints.rename': ({ checkpointId, name }) => {
        say(list.current.map((each) => (each.id === checkpointId ? { ...each, name } : each)))
        return list.current.find(({ id }) => id === checkpointId)!
      },
      'registry.users': () => users,
      'checkpoints.remove': ({ checkpointId }) => {
        if (users.by !== undefined)
          throw new StudioFailure({ kind: 'in-use', what: 'checkpoint', by: users.by })
        say(list.current.filter(({ id }) => id !== checkpointId))
      },
      'checkpoints.export': ({ folder }) => {
        if (folder !== '/exports')
          throw new StudioFailure({
            kind: 'invalid-input',
            field: 'folder',
            problem: `${folder} is not a folder on this machine.`,
          })
        return { folder: '/exports/sft-01', files: ['config.json'], bytes: 3_300_000 }
      },
    },
    streams: {
      'checkpoints.watch': checkpoints.items,
      'runs.changes': channel(() => ({
        runs: [aRun({ id: 'r', name: 'sft-01', recipe: 'sft' })],
        removed: [],
        trends: [],
      })).items,
      async *'checkpoints.import'({ path }) {
        yield { share: 0.5 }
        await settled(10)
        if (path !== '/models/smol.gguf')
          throw new StudioFailure({
            kind: 'refused-file',
            file: 'bad.gguf',
            problem: 'its tensor "blk.0.attn_q.weight" is missing',
          })
        say([small, ...list.current])
        yield { share: 1, done: small }
      },
    },
  })
  room = await aRoom(ModelsView, api, '/models')
  return { api, list, users }
}

const body = (): string => document.body.textContent ?? ''
const button = (name: string): HTMLButtonElement =>
  [...document.querySelectorAll('button')].find(
    (each) => (each.getAttribute('aria-label') ?? each.textContent ?? '').trim() === name,
  )!
async function click(name: string): Promise<void> {
  button(name).click()
  await settled(20)
}
async function type(id: string, text: string): Promise<void> {
  const input = document.getElementById(id) as HTMLInputElement
  input.value = text
  input.dispatchEvent(new Event('input', { bubbles: true }))
  await settled()
}
async function choose(checkpoint: string, item: string): Promise<void> {
  button(`More for ${checkpoint}`).dispatchEvent(
    new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }),
  )
  await settled(20)
  ;[...document.querySelectorAll<HTMLElement>('[role="menuitem"]')]
    .find((each) => each.textContent?.trim() === item)!
    .click()
  await settled(20)
}

describe('the library of models', () => {
  it('imports a model from where a person says it lies, and shows what it is', async () => {
    const { api } = await enter()
    await click('Import a model')
    await type('model-path', '  /models/smol.gguf ')
    button('Import').click()
    await settled(2)
    expect(body()).toContain('Reading /models/smol.gguf')
    await settled(40)
    expect(api.asked.find(({ name }) => name === 'checkpoints.import')?.input).toEqual({
      path: '/models/smol.gguf',
    })
    expect(document.getElementById('model-path')).toBeNull()
    const row = document.querySelector('tr[aria-selected="true"]')!.textContent!
    for (const part of ['SmolLM2 135M', 'llama', 'apache-2.0', '135M', '8,192']) expect(row).toContain(part)
  })

  it('imports an adapter onto the model it stands on, and shows which that is', async () => {
    const { api, list } = await enter()
    list.current = [{ ...small, id: 'lora', name: 'My adapter', base: { id: 'own', name: own.name } }, own]
    await click('Import a model')
    expect([...document.querySelectorAll('#model-base option')].map((option) => option.textContent)).toEqual([
      'Nothing: it is a model by itself',
      `An adapter on ${own.name}`,
    ])
    await type('model-path', '/models/smol.gguf')
    const base = document.getElementById('model-base') as HTMLSelectElement
    base.value = 'own'
    base.dispatchEvent(new Event('change', { bubbles: true }))
    await click('Import')
    await settled(40)
    expect(api.asked.find(({ name }) => name === 'checkpoints.import')?.input).toEqual({
      path: '/models/smol.gguf',
      baseId: 'own',
    })
    const row = [...document.querySelectorAll('tr')].find((each) => each.textContent?.includes('My adapter'))!
    expect(row.textContent).toContain(`writes, adapter on ${own.name}`)
    await click('Import a model')
    expect((document.getElementById('model-base') as HTMLSelectElement).value).toBe('')
  })

  it('says why a model was refused, and keeps what was typed', async () => {
    await enter()
    await click('Import a model')
    await type('model-path', '/models/bad.gguf')
    await click('Import')
    await settled(40)
    expect(document.querySelector('[role="alert"]')!.textContent).toContain(
      'bad.gguf: its tensor "blk.0.attn_q.weight" is missing',
    )
    expect((document.getElementById('model-path') as HTMLInputElement).value).toBe('/models/bad.gguf')
  })

  it('exports one into a folder, and says when that is not there', async () => {
    const { api } = await enter()
    await choose('sft-01, update 60', 'Export')
    await type('export-folder', '/nowhere')
    await click('Export')
    expect(document.querySelector('[role="alert"]')!.textContent).toContain(
      '/nowhere is not a folder on this machine.',
    )
    await type('export-folder', '/exports')
    await click('Export')
    expect(api.asked.filter(({ name }) => name === 'checkpoints.export').at(-1)?.input).toEqual({
      checkpointId: 'own',
      format: 'hugging-face',
      numbers: 'F32',
      folder: '/exports',
    })
    expect(document.getElementById('export-folder')).toBeNull()
  })

  it('renames one in its place', async () => {
    await enter()
    await choose('sft-01, update 60', 'Rename')
    const input = document.querySelector<HTMLInputElement>('[aria-label="Name of the checkpoint"]')!
    input.value = 'Happy base'
    input.dispatchEvent(new Event('input'))
    input.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter' }))
    await settled(20)
    expect(body()).toContain('Happy base')
  })

  it('says what keeps one before it asks, and never offers what will be refused', async () => {
    const { list, users } = await enter()
    users.by = 'the run “Happy”'
    await choose('sft-01, update 60', 'Delete')
    expect(body()).toContain('sft-01, update 60 stays')
    expect(body()).toContain('It is used by the run “Happy”.')
    expect(body()).not.toContain('cannot be undone')
    await click('Close')
    expect(list.current).toHaveLength(1)
  })

  it('deletes one after asking, and says in red what came between', async () => {
    const { list, users } = await enter()
    await choose('sft-01, update 60', 'Delete')
    expect(body()).toContain('This cannot be undone.')
    users.by = 'the run “Happy”'
    await click('Delete for good')
    expect(useToasts().toasts.map(({ text, isFailure }) => [text, isFailure])).toEqual([
      ['This checkpoint is used by the run “Happy” and stays.', true],
    ])
    delete users.by
    await choose('sft-01, update 60', 'Delete')
    await click('Delete for good')
    expect(list.current).toHaveLength(0)
  })
})
