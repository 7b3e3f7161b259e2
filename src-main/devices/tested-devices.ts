/**
 * Which devices have passed the self-test here: a small file beside the registry, because it is a fact of the
 * machine and not of any run.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { version } from '../../package.json'
import type { Device } from '../../src-shared/records/device'

/** Id of a device → what passed: another card or another version of the studio has to pass again. */
type Passed = Readonly<Record<string, string>>

const fileBeside = (registryPath: string): string => join(dirname(registryPath), 'tested-devices.json')
const whatPassed = ({ name }: Pick<Device, 'name'>): string => `${name}; RLHF Studio ${version}`

function read(registryPath: string): Passed {
  try {
    return JSON.parse(readFileSync(fileBeside(registryPath), 'utf8')) as Passed
  } catch {
    return {} // none yet, or not readable: the self-test writes it anew
  }
}

export function hasPassed(registryPath: string, device: Pick<Device, 'id' | 'name'>): boolean {
  return read(registryPath)[device.id] === whatPassed(device)
}

export function rememberPassed(registryPath: string, device: Pick<Device, 'id' | 'name'>): void {
  const file = fileBeside(registryPath)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(
    `${file}.new`,
    JSON.stringify({ ...read(registryPath), [device.id]: whatPassed(device) }, null, 2),
  )
  renameSync(`${file}.new`, file)
}
