/**
 * An installed package, used as people use it: the command line, the main job in the window, and what is left of it.
 * `npm run package -- --check` installs, starts this, and removes.
 */
import { existsSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { version } from '../../package.json'
import { mainJob } from '../studio/harness/main-job'
import { picture, storyFolder } from '../studio/harness/studios'
import { bringFile, somebody, type OpenedStudio, type Somebody } from './somebody'

const PLACE = '/opt/rlhf-studio'
const folder = storyFolder()
let user: Somebody

beforeAll(async () => {
  user = await somebody(folder.path)
})
afterAll(async () => {
  await user?.leave()
  folder.remove()
})

const registry = () => path.join(user.home, '.local/share/rlhf-studio/registry.sqlite')

describe('studio in a terminal', () => {
  it('is on the PATH and says its version', () =>
    expect(user.run('studio', '--version').trim()).toBe(version))

  it('lists the devices', () => {
    const devices = JSON.parse(user.run('studio', 'devices', '--json')) as { id: string; isUsable: boolean }[]
    expect(devices.find(({ id }) => id === 'cpu')?.isUsable).toBe(true)
  })
})

describe('the main job in the installed studio', () => {
  let opened: OpenedStudio
  beforeAll(async () => {
    opened = await user.open()
    console.log(`First start to datasets on screen: ${Math.round(opened.firstDataMs)} ms`)
  })

  mainJob(
    'installed',
    () => opened.page,
    () => folder.path,
    bringFile,
  )

  it('was done without a complaint in the console', () => expect(opened.complaints).toEqual([]))

  it('has computed in its own compute process, with the library that lies in the package', () => {
    expect(openFiles('onnxruntime')).toContain(
      `${PLACE}/resources/app.asar.unpacked/node_modules/onnxruntime-node/bin/napi-v6/linux/x64/libonnxruntime.so.1`,
    )
  })

  it('runs its page in a sandbox', () => {
    const renderers = processes().filter(({ command }) => command.includes('--type=renderer'))
    expect(renderers.length).toBeGreaterThan(0)
    for (const { pid, command } of renderers) {
      expect(command).not.toContain('--no-sandbox')
      expect(readFileSync(`/proc/${pid}/status`, 'utf8')).toMatch(/^Seccomp:\t2$/m)
    }
  })

  it('opens again with everything in it, and leaves a registry in one file', async () => {
    await opened.close()
    opened = await user.open()
    console.log(`Second start to datasets on screen: ${Math.round(opened.firstDataMs)} ms`)
    await opened.page.getByText('film-pairs').first().waitFor()
    await picture(opened.page, 'installed-8-again')
    await opened.close()
    expect(statSync(registry()).size).toBeGreaterThan(0)
    expect(existsSync(`${registry()}-wal`)).toBe(false)
  })

  it('leaves nothing in the folder for temporary files', () =>
    expect(readdirSync(path.join(folder.path, 'temporary'))).toEqual([]))

  it('has what it made on the command line, too, made without a copy of every tensor', () => {
    expect(user.run('studio', 'runs')).toContain('Story PPO')
    const shown = user.run('studio', 'show', 'Story PPO')
    expect(shown).toContain('compiled')
    expect(shown).not.toMatch(/with copies|cannot be called directly/)
  })
})

interface Process {
  readonly pid: string
  readonly command: string
}

/** Of the installed program. */
const processes = (): readonly Process[] =>
  readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid) && linkOf(`/proc/${pid}/exe`) === `${PLACE}/rlhf-studio`)
    .map((pid) => ({ pid, command: readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ') }))

/** Files whose code its processes have mapped. */
const openFiles = (name: string): readonly string[] =>
  processes().flatMap(({ pid }) =>
    [...readFileSync(`/proc/${pid}/maps`, 'utf8').matchAll(/(\/\S.*)$/gm)]
      .map((match) => match[1]!)
      .filter((file) => file.includes(name)),
  )

function linkOf(file: string): string | undefined {
  try {
    return readlinkSync(file)
  } catch {
    return undefined // ended meanwhile
  }
}
