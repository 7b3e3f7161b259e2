/**
 * Runs the self-test of a device in a compute process, which the device may take with it, and draws the sum
 * of what it says.
 */
import { arch, cpus, platform, release } from 'node:os'
import { version } from '../../package.json'
import type { Device } from '../../src-shared/records/device'
import { endInWords, type ForkCompute } from '../processes/compute-child'
import type { CaseResult, SelftestEvent } from '../compute/selftest/selftest'
import type { TrainingResult } from '../compute/selftest/training'

export interface SelftestReport {
  readonly device: Device
  readonly threads?: number
  /** Of this program and of what it ran on: what a reader of the report asks first. */
  readonly system: {
    readonly studio: string
    readonly node: string
    readonly platform: string
    readonly processor: string
  }
  readonly cases: readonly CaseResult[]
  readonly training?: TrainingResult
  /** Why it did not come to its end. */
  readonly problem?: string
  readonly isPassed: boolean
}

export interface SelftestRequest {
  readonly device: Device
  readonly threads?: number
  readonly fork: ForkCompute
  readonly onEvent: (event: SelftestEvent) => void
}

export async function testDevice({
  device,
  threads,
  fork,
  onEvent,
}: SelftestRequest): Promise<SelftestReport> {
  const cases: CaseResult[] = []
  let training: TrainingResult | undefined
  const problem = await followed(
    fork,
    { deviceId: device.id, ...(threads !== undefined && { threads }) },
    (event) => {
      if (event.kind === 'case') cases.push(event.result)
      if (event.kind === 'training') training = event.result
      onEvent(event)
    },
  )
  return {
    device,
    ...(threads !== undefined && { threads }),
    system: {
      studio: version,
      node: process.version,
      platform: `${platform()} ${release()} ${arch()}`,
      processor: cpus()[0]?.model ?? 'unknown',
    },
    cases,
    ...(training && { training }),
    ...(problem !== undefined && { problem }),
    isPassed: problem === undefined && cases.every(isRight) && training?.problems.length === 0,
  }
}

/** Equal, or different where GPUs may be. */
export const isRight = ({ problem, isAllowed }: CaseResult): boolean =>
  problem === undefined || isAllowed === true

/** @returns why it did not come to its end */
function followed(
  fork: ForkCompute,
  request: { readonly deviceId: string; readonly threads?: number },
  onEvent: (event: SelftestEvent) => void,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = fork()
    let doing = 'the device was opened'
    child.onMessage((message) => {
      if (message.kind === 'selftest') {
        if (message.event.kind === 'begins') doing = `“${message.event.says}” ran`
        onEvent(message.event)
      }
      if (message.kind === 'selftested') resolve(message.problem)
    })
    child.onEnd((end) =>
      resolve(`${endInWords(end)} while ${doing}.${end.lastWords ? `\n${end.lastWords}` : ''}`),
    )
    child.send({ kind: 'selftest', ...request })
  })
}
