import { writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Run } from '../../src-shared/records/run'
import { endInWords } from '../../src-main/processes/compute-child'
import { askedRegistry, defaultRegistry } from '../../src-main/places/registry-location'
import { besideRegistry } from '../../src-main/store/checkpoint-files'
import { nextRunName } from '../../src-main/runs/run-names'
import { leastSize, readWindowState, writeWindowState } from '../../src-main/places/window-state'
import { testFolder } from '../helpers/registry'

describe('the registry’s place', () => {
  it('is what was asked for: the flag before the environment', () => {
    expect(askedRegistry('a.sqlite', { STUDIO_REGISTRY: 'b.sqlite' })).toBe(resolve('a.sqlite'))
    expect(askedRegistry(undefined, { STUDIO_REGISTRY: 'b.sqlite' })).toBe(resolve('b.sqlite'))
    expect(askedRegistry('', {})).toBeUndefined()
  })

  it('is otherwise the platform’s folder for data', () => {
    const file = join('rlhf-studio', 'registry.sqlite')
    expect(defaultRegistry('linux', {})).toBe(join(homedir(), '.local', 'share', file))
    expect(defaultRegistry('linux', { XDG_DATA_HOME: '/data' })).toBe(join('/data', file))
    expect(defaultRegistry('darwin', {})).toBe(join(homedir(), 'Library', 'Application Support', file))
    expect(defaultRegistry('win32', { APPDATA: '/roaming' })).toBe(join('/roaming', file))
  })

  it('has folders of its own beside it', () => {
    expect(besideRegistry('/runs/a.sqlite', 'checkpoints')).toBe('/runs/a-checkpoints')
    expect(besideRegistry('/runs/b.sqlite', 'uploads')).toBe('/runs/b-uploads')
  })
})

describe('the name of a run that nobody named', () => {
  const named = (...names: readonly string[]) => names.map((name) => ({ name }) as Run)

  it('counts on from the highest of its recipe', () => {
    expect(nextRunName('ppo', [])).toBe('ppo-01')
    expect(nextRunName('ppo', named('ppo-02', 'ppo-09', 'sft-40', 'ppo-best', 'my ppo-77'))).toBe('ppo-10')
    expect(nextRunName('reward', named('rm-99'))).toBe('rm-100')
  })
})

describe('how a process ended', () => {
  const end = { code: null, signal: null, lastWords: '' }
  it('is said in words', () => {
    expect(endInWords({ ...end, signal: 'SIGKILL' })).toBe(
      'The compute process was killed; perhaps the machine ran out of memory',
    )
    expect(endInWords({ ...end, signal: 'SIGSEGV' })).toBe('The compute process crashed (SIGSEGV)')
    expect(endInWords({ ...end, code: 1 })).toBe('The compute process ended by itself (code 1)')
    expect(
      endInWords({
        ...end,
        signal: 'SIGABRT',
        lastWords: 'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory',
      }),
    ).toBe('The compute process ran out of memory')
  })
})

describe('the window', () => {
  const screens = [{ x: 0, y: 0, width: 1920, height: 1080 }]
  const first = { bounds: { width: 1280, height: 800 }, isMaximized: false }
  const stateFile = () => join(testFolder(), 'window.json')

  it('opens where it stood', () => {
    const file = stateFile()
    expect(readWindowState(file, screens)).toEqual(first)
    writeWindowState(file, { x: 40, y: 60, width: 1400, height: 900 }, true)
    expect(readWindowState(file, screens)).toEqual({
      bounds: { x: 40, y: 60, width: 1400, height: 900 },
      isMaximized: true,
    })
  })

  it('keeps its size and is placed anew when no screen shows it any more', () => {
    const file = stateFile()
    writeWindowState(file, { x: 3000, y: 60, width: 1400, height: 900 }, false)
    expect(readWindowState(file, screens)).toEqual({
      bounds: { width: 1400, height: 900 },
      isMaximized: false,
    })
  })

  it.each(['', '{"bounds"', '{"bounds":{"x":1},"isMaximized":false}', 'null', '[]'])(
    'opens as the first time when its file says %j',
    (text) => {
      const file = stateFile()
      writeFileSync(file, text)
      expect(readWindowState(file, screens)).toEqual(first)
    },
  )

  it('is never smaller than its least size', () => {
    const file = stateFile()
    writeWindowState(file, { x: 0, y: 0, width: 10, height: 10 }, false)
    expect(readWindowState(file, screens).bounds).toMatchObject(leastSize)
  })
})
