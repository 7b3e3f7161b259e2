// @vitest-environment happy-dom
import { enableAutoUnmount, mount, RouterLinkStub } from '@vue/test-utils'
import { afterEach, describe, expect, it } from 'vitest'
import { nextTick } from 'vue'
import CommandPalette, { type Command } from '../../../src-renderer/components/frame/CommandPalette.vue'
import DatasetList from '../../../src-renderer/components/datasets/DatasetList.vue'
import Icon from '../../../src-renderer/components/controls/Icon.vue'
import ModalDialog from '../../../src-renderer/components/controls/ModalDialog.vue'
import RegistryLost from '../../../src-renderer/components/frame/RegistryLost.vue'
import StatusLine from '../../../src-renderer/components/frame/StatusLine.vue'
import type { Run } from '../../../src-shared/records/run'
import { settled } from '../../helpers/fake-api'
import { aDataset, aRun } from '../../../src-renderer/dev/records'

afterEach(() => {
  document.body.innerHTML = ''
})
enableAutoUnmount(afterEach) // runs first: what was moved to the body is taken away by its owner

describe('the note that the registry is lost', () => {
  it('says why, and saves a whole copy where the person wants it', async () => {
    const note = mount(RegistryLost, {
      props: { problem: 'It was moved.', copyPath: '/a/copy.sqlite', outcome: undefined, isCopying: false },
    })
    expect(note.text()).toContain('It was moved.')
    await note.get('input').setValue('/b/mine.sqlite')
    await note.trigger('submit')
    expect(note.emitted('copy')).toEqual([['/b/mine.sqlite']])
  })
})

describe('the status line', () => {
  const info = {
    version: '0.1.0',
    host: 'headless',
    registryPath: '/home/me/registry.sqlite',
    registryBytes: 18_430_000,
    devices: [],
  } as const
  const device = { id: 'cpu', name: 'CPU, 2 threads, compiled', isUsable: true, isDefault: true }
  const line = (over: {
    readonly run?: Run
    readonly isConnected?: boolean
    readonly isRefused?: boolean
    readonly isLost?: boolean
    readonly waiting?: number
  }) =>
    mount(StatusLine, {
      props: {
        info,
        device,
        run: undefined,
        waiting: 0,
        isConnected: true,
        isRefused: false,
        isLost: false,
        ...over,
      },
      global: { stubs: { RouterLink: RouterLinkStub } },
    })

  it('says the device, that nothing runs, and where everything is kept', () => {
    expect(line({}).text()).toBe(
      'CPU, 2 threads, compiledNothing is runningregistry.sqlite, 18.4 MB, all saved',
    )
  })
  it('says what runs, how fast and how long it takes', () => {
    // 153 updates left in 198.9 s: 1.3 s an update
    const run = aRun({ id: 'ppo-07', state: 'running', step: 247, totalSteps: 400, leftMs: 198_900 })
    expect(line({ run, waiting: 2 }).text().replace(/\s+/g, ' ')).toContain(
      'ppo-07 update 247 of 400, 1.3 s an update, 3 min left2 queued',
    )
  })
  it('says what a stop is waiting for', () => {
    expect(
      line({ run: aRun({ id: 'ppo-07', state: 'stopping', step: 247, totalSteps: 400 }) }).text(),
    ).toContain('stopping, saving update 247')
  })
  it('does not say that all is saved when the registry is lost', () => {
    expect(line({ isLost: true }).text()).toContain('registry.sqlite, 18.4 MB, nothing more is saved')
  })
  it('says that main does not answer, or that it was started again', () => {
    expect(line({ isConnected: false }).text()).toContain('does not answer; trying again')
    expect(line({ isConnected: false, isRefused: true }).text()).toContain('open the address that it printed')
  })
})

describe('the command palette', () => {
  const chosen: string[] = []
  const command = (id: string, title: string, hint: string): Command => ({
    id,
    title,
    hint,
    icon: 'runs',
    act: () => {
      chosen.push(id)
    },
  })
  const commands = [
    command('1', 'Datasets', 'Ctrl 1'),
    command('2', 'Review pairs', 'dataset'),
    command('3', 'ppo-07', 'run'),
  ]
  const shown = () =>
    [...document.querySelectorAll('.palette-list li')].map(
      (item) => item.querySelector('.clip')?.textContent ?? item.textContent,
    )

  async function opened() {
    const palette = mount(CommandPalette, { props: { commands, open: true }, attachTo: document.body })
    await settled(30)
    return palette
  }
  async function type(words: string) {
    const field = document.querySelector<HTMLInputElement>('.palette-search')
    if (!field) throw new Error('there is no field')
    field.value = words
    field.dispatchEvent(new Event('input', { bubbles: true }))
    await settled(30)
    return field
  }

  it('shows what has all words, in title or kind', async () => {
    await opened()
    expect(shown()).toEqual(['Datasets', 'Review pairs', 'ppo-07'])
    await type('pair data')
    expect(shown()).toEqual(['Review pairs'])
    await type('xyz')
    expect(shown()).toEqual(['Nothing has these words.'])
  })
  it('does the first one with Enter and closes', async () => {
    const palette = await opened()
    const field = await type('ppo')
    field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }))
    await settled(30)
    expect(chosen).toEqual(['3'])
    expect(palette.emitted('update:open')?.at(-1)).toEqual([false])
  })
})

describe('a dialog', () => {
  it('says what it is about and begins at its first, safe button', async () => {
    mount(ModalDialog, {
      props: { title: 'Delete big?', text: 'This cannot be undone.', open: true },
      slots: { default: '<button>Keep it</button><button>Delete</button>' },
      attachTo: document.body,
    })
    await settled(30)
    const dialog = document.querySelector('[role=dialog]')
    expect(dialog?.textContent).toContain('This cannot be undone.')
    expect(document.getElementById(dialog?.getAttribute('aria-labelledby') ?? '')?.textContent).toBe(
      'Delete big?',
    )
    expect(document.activeElement?.textContent).toBe('Keep it')
  })
})

describe('the list of datasets', () => {
  const groups = [
    { kind: 'preferences', datasets: [aDataset({ id: 'a' }), aDataset({ id: 'b' })] },
    { kind: 'text', datasets: [aDataset({ id: 'c' })] },
  ] as const

  it('is one stop for Tab, and the arrows go through all kinds', async () => {
    const list = mount(DatasetList, {
      props: { groups, selectedId: 'b', onSelect: (selectedId: string) => list.setProps({ selectedId }) },
      attachTo: document.body,
    })
    expect(list.findAll('[tabindex="0"]').map((item) => item.attributes('data-id'))).toEqual(['b'])
    const down = new KeyboardEvent('keydown', { key: 'ArrowDown', bubbles: true, cancelable: true })
    list.get('[data-id=b]').element.dispatchEvent(down)
    await nextTick()
    await nextTick()
    expect(list.emitted('select')).toEqual([['c']])
    expect(down.defaultPrevented).toBe(true)
    expect(document.activeElement?.getAttribute('data-id')).toBe('c')
  })
})

describe('a picture', () => {
  it('is hidden from those who hear the page: a word stands beside it', () => {
    const icon = mount(Icon, { props: { name: 'failed' } })
    expect(icon.attributes('aria-hidden')).toBe('true')
    expect(icon.get('path').attributes('d')).toContain('M5.8 5.8')
  })
})
