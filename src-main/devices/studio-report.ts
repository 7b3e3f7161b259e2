/**
 * What helps with a fault, as a text to pass on: versions, machine, devices, the last failures. Nothing that is the
 * person's: no path, no name that they gave, nothing that they wrote.
 */
import { cpus, release, totalmem, type } from 'node:os'
import type { Device } from '../../src-shared/records/device'
import type { Run } from '../../src-shared/records/run'
import { bytesText } from '../../src-shared/sizes'

export interface ReportGiven {
  readonly version: string
  readonly host: string
  readonly devices: readonly Device[]
  readonly runs: readonly Run[]
}

/** So many of the newest failures. */
const lastFailures = 10

export function studioReport({ version, host, devices, runs }: ReportGiven): string {
  const failures = runs
    .filter(({ error }) => error !== undefined)
    .toSorted((a, b) => (b.endedAtMs ?? 0) - (a.endedAtMs ?? 0))
    .slice(0, lastFailures)
  return [
    `RLHF Studio ${version}, ${host}`,
    `${type()} ${release()}, ${process.arch}; ${runtimes()}`,
    `${cpus()[0]?.model ?? 'processor unknown'}, ${cpus().length} threads, ${bytesText(totalmem())}`,
    '',
    'Devices',
    ...devices.map(({ id, name, isUsable, whyNot }) =>
      isUsable ? `- ${id}: ${name}` : `- ${id}: ${name}; not usable: ${impersonal(whyNot ?? '')}`,
    ),
    '',
    failures.length === 0 ? 'No run has failed.' : 'The last failures',
    ...failures.map(
      ({ recipe, step, device, programVersion, error }) =>
        `- ${recipe} on ${device}, update ${step}, version ${programVersion}: ${impersonal(error ?? '')}`,
    ),
  ].join('\n')
}

const runtimes = (): string =>
  (['electron', 'chrome', 'node'] as const)
    .flatMap((name) => {
      const version = process.versions[name]
      return version === undefined ? [] : [`${name} ${version}`]
    })
    .join(', ')

/** Without paths, addresses and whatever stands in quotation marks: a name or a text of the person's. */
export const impersonal = (text: string): string =>
  text
    .replace(/“[^”]*”|‘[^’]*’|"[^"]*"|`[^`]*`/g, '“…”')
    .replace(/\b[a-z][a-z+.-]*:\/\/\S+/gi, '(address)')
    .replace(/(?<!\w)(?:[A-Za-z]:)?[\\/]+(?:[^\s\\/]+[\\/]+)*[^\s\\/]+/g, '(path)')
    .replace(/\S+@\S+\.\w+/g, '(address)')
    .replace(/\S+\.(?:jsonl?|csv|tsv|parquet|txt|md|sqlite|safetensors|gguf|bin)\b/gi, '(file)')
