import { spawn } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { forkNode } from '../../src-main/processes/compute-child'
import { providersHere } from '../../src-main/compute/providers/providers'
import { testDevice, type SelftestReport } from '../../src-main/devices/device-selftest'
import { deviceSurvey } from '../../src-main/devices/device-survey'
import { reportText } from '../../src-main/cli/selftest'
import { hasPassed, rememberPassed } from '../../src-main/devices/tested-devices'
import type { Device } from '../../src-shared/records/device'
import { builtMain, type BuiltMain } from '../helpers/built-main'
import { testFolder } from '../helpers/registry'

const cpu: Device = { id: 'cpu', name: 'CPU, 2 threads, compiled', isUsable: true, isDefault: true }
let built: BuiltMain
beforeAll(async () => {
  built = await builtMain()
})

/** A compute process whose driver does what the script says when it is asked anything. */
function withDriver(script: string): ReturnType<typeof forkNode> {
  const file = path.join(testFolder(), 'driver.mjs')
  writeFileSync(file, `process.on('message', () => { ${script} })\nsetInterval(() => {}, 1000)`)
  return forkNode(file)
}

const survey = (
  fork: ReturnType<typeof forkNode>,
  options: { readonly registryPath?: string; readonly patienceMs?: number } = {},
) =>
  deviceSurvey({
    fork,
    certain: async () => [cpu],
    registryPath: path.join(testFolder(), 'registry.sqlite'),
    ...options,
  })()

describe('the survey of devices', () => {
  it('tries every provider there can be, and says of each why it cannot be used', async () => {
    const devices = await survey(forkNode(built.computeProcess))
    expect(devices.map(({ id }) => id)).toEqual(['cpu', ...providersHere().map(({ id }) => id)])
    for (const { isUsable, whyNot } of devices) expect(isUsable).toBe(whyNot === undefined)
  })

  it('loses one line to a driver that crashes, and one to a driver that hangs', async () => {
    const crashed = await survey(withDriver('process.abort()'))
    expect(crashed[0]).toEqual(cpu)
    for (const { isUsable, whyNot } of crashed.slice(1))
      expect([isUsable, whyNot]).toEqual([false, 'The compute process crashed (SIGABRT) while it was tried.'])
    const hung = await survey(withDriver(''), { patienceMs: 1500 })
    for (const { whyNot } of hung.slice(1)) expect(whyNot).toBe('It did not answer within 1.5 seconds.')
  })

  it('marks what no test of the studio runs on, until the self-test has passed on it here', async () => {
    const registryPath = path.join(testFolder(), 'registry.sqlite')
    const dml: Device = {
      id: 'dml',
      name: 'A card, DirectML, compiled',
      isUsable: true,
      isDefault: false,
      isUntested: true,
    }
    const listed = () =>
      deviceSurvey({ fork: withDriver('process.exit(0)'), certain: async () => [dml], registryPath })().then(
        ([first]) => first?.isUntested,
      )
    expect(await listed()).toBe(true)
    rememberPassed(registryPath, dml)
    expect(await listed()).toBeUndefined()
    expect(hasPassed(registryPath, { ...dml, name: 'Another card, DirectML, compiled' })).toBe(false)
  })
})

describe('the self-test of a device', () => {
  const studio = (registry: string, ...args: readonly string[]) =>
    new Promise<{ out: string; err: string; code: number | null }>((resolve) => {
      const child = spawn(process.execPath, [built.cli, ...args, '--registry', registry], {
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
      child.on('close', (code) => resolve({ out, err, code }))
    })

  it('passes on the CPU, and remembers it', { timeout: 600_000 }, async () => {
    const registry = path.join(testFolder(), 'registry.sqlite')
    const { out, code } = await studio(registry, 'selftest', '--device', 'cpu', '--threads', '1', '--json')
    const report = JSON.parse(out) as SelftestReport
    expect(report.cases.filter(({ problem }) => problem !== undefined)).toEqual([])
    expect(report).toMatchObject({ isPassed: true, threads: 1, training: { problems: [] } })
    expect(code).toBe(0)
    expect(
      Object.keys(
        JSON.parse(readFileSync(path.join(path.dirname(registry), 'tested-devices.json'), 'utf8')) as object,
      ),
    ).toEqual(['cpu'])
    expect(reportText(report)).toMatch(/kernel +right +of +on the CPU\nAbs +\d+ +\d+\n/)
    expect(reportText(report)).toMatch(
      /A small transformer, 12 updates: loss [\d.]+ to [\d.]+; losses within .*\n\nPassed\.$/,
    )
  })

  it('refuses a device that is not there and threads that are none, and remembers nothing', async () => {
    const registry = path.join(testFolder(), 'registry.sqlite')
    expect(await studio(registry, 'selftest', '--device', 'abacus')).toMatchObject({
      code: 2,
      err: expect.stringMatching(/^--device must be one of cpu, /) as string,
    })
    expect(await studio(registry, 'selftest', '--threads', '0')).toMatchObject({
      code: 2,
      err: expect.stringMatching(/^--threads must be a whole number from 1 to \d+/) as string,
    })
    expect(existsSync(path.join(path.dirname(registry), 'tested-devices.json'))).toBe(false)
  })

  it('says what ran when the device took the process with it', async () => {
    const report = await testDevice({
      device: cpu,
      fork: withDriver(
        'process.send({ kind: "selftest", event: { kind: "begins", says: "Exp of floats", done: 0, ' +
          'total: 9 } }, () => process.abort())',
      ),
      onEvent: () => {},
    })
    // What the process wrote last stands below: the driver's own words, for the report.
    expect(report).toMatchObject({
      isPassed: false,
      problem: expect.stringMatching(
        /^The compute process crashed \(SIGABRT\) while “Exp of floats” ran\.\n.*stack trace/s,
      ) as string,
    })
    expect(reportText(report)).toContain('It did not come to its end: The compute process crashed')
    expect(reportText(report)).toMatch(/Failed: do not train on this device\.$/)
  })

  it('fails where a number is wrong, but not where a GPU may have another', () => {
    const report = (isAllowed: boolean): SelftestReport => ({
      device: cpu,
      system: { studio: '1', node: '20', platform: 'linux', processor: 'one' },
      isPassed: isAllowed,
      cases: [
        {
          kernel: 'Exp',
          says: 'Exp of floats',
          problem: 'y0[0] is 2, TensorFlow.js says 1',
          onCpu: { Cast: 2 },
          ...(isAllowed && { isAllowed }),
        },
      ],
    })
    expect(reportText(report(false))).toContain('Wrong:\n  Exp of floats: y0[0] is 2, TensorFlow.js says 1')
    expect(reportText(report(false))).toMatch(/Exp +0 +1 +Cast/)
    expect(reportText(report(true))).toContain('in 1 of 1, as GPUs may:')
  })
})
