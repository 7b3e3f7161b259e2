/** `studio selftest --device X`: does the device compute right here? */
import type { Device } from '../../src-shared/records/device'
import { StudioFailure } from '../../src-shared/result'
import type { ForkCompute } from '../processes/compute-child'
import { isRight, testDevice, type SelftestReport } from '../devices/device-selftest'
import { rememberPassed } from '../devices/tested-devices'
import { exits, type Exit, type Terminal } from './terminal'
import { figure, table } from './text'

export interface SelftestOptions {
  readonly device?: string
  readonly threads?: string
}

export interface SelftestSurroundings {
  readonly devices: readonly Device[]
  readonly fork: ForkCompute
  readonly registryPath: string
  readonly terminal: Terminal
}

export async function selftestCommand(
  options: SelftestOptions,
  { devices, fork, registryPath, terminal }: SelftestSurroundings,
): Promise<Exit> {
  const device = askedDevice(options.device, devices)
  const threads = askedThreads(options.threads, device)
  terminal.note(`Testing ${device.name} against TensorFlow.js on the CPU …`)
  const report = await testDevice({
    device,
    fork,
    ...(threads !== undefined && { threads }),
    onEvent: (event) => {
      if (event.kind === 'begins') terminal.progress(`${event.done} of ${event.total}: ${event.says}`)
    },
  })
  if (report.isPassed) rememberPassed(registryPath, device)
  terminal.result(report, reportText)
  return report.isPassed ? exits.done : exits.failed
}

function askedDevice(asked: string | undefined, devices: readonly Device[]): Device {
  const device =
    asked === undefined ? devices.find(({ isDefault }) => isDefault) : devices.find(({ id }) => id === asked)
  if (!device) throw wrong('--device', `must be one of ${devices.map(({ id }) => id).join(', ')}`)
  if (!device.isUsable)
    throw new StudioFailure({
      kind: 'compute-failed',
      problem: `${device.name} cannot be used: ${device.whyNot ?? ''}`,
    })
  return device
}

function askedThreads(asked: string | undefined, { mostThreads }: Device): number | undefined {
  if (asked === undefined) return undefined
  if (mostThreads === undefined) throw wrong('--threads', 'cannot be chosen for this device')
  const threads = Number(asked)
  if (!Number.isInteger(threads) || threads < 1 || threads > mostThreads)
    throw wrong('--threads', `must be a whole number from 1 to ${mostThreads}, the cores of this machine`)
  return threads
}

const wrong = (field: string, problem: string): StudioFailure =>
  new StudioFailure({ kind: 'invalid-input', field, problem })

export function reportText(report: SelftestReport): string {
  const { device, system, cases, training, problem } = report
  const failed = cases.filter((each) => !isRight(each))
  const allowed = cases.filter(({ isAllowed }) => isAllowed)
  return [
    `${device.name}; RLHF Studio ${system.studio}, Node ${system.node}, ${system.platform}, ` +
      `${system.processor}`,
    '',
    kernelTable(report),
    ...(training ? ['', trainingText(training)] : []),
    ...(allowed.length > 0
      ? [
          '',
          'Not-a-number, infinities and the tiniest numbers give something else than on a processor in ' +
            `${allowed.length} of ${cases.length}, as GPUs may:`,
          ...allowed.map(({ says, problem }) => `  ${says}: ${problem}`),
        ]
      : []),
    ...(failed.length > 0
      ? ['', 'Wrong:', ...failed.map(({ says, problem }) => `  ${says}: ${problem}`)]
      : []),
    ...(problem === undefined ? [] : ['', `It did not come to its end: ${problem}`]),
    '',
    report.isPassed ? 'Passed.' : 'Failed: do not train on this device.',
  ].join('\n')
}

/** A line a kernel. */
function kernelTable({ cases }: SelftestReport): string {
  const kernels = [...new Set(cases.map(({ kernel }) => kernel))].sort()
  return table(
    ['kernel', 'right', 'of', 'on the CPU'],
    kernels.map((kernel) => {
      const own = cases.filter((each) => each.kernel === kernel)
      return [
        kernel,
        String(own.filter(isRight).length),
        String(own.length),
        onCpuText(own.map(({ onCpu }) => onCpu)),
      ]
    }),
  )
}

function onCpuText(counts: readonly Readonly<Record<string, number>>[]): string {
  return [...new Set(counts.flatMap((each) => Object.keys(each)))].sort().join(', ')
}

function trainingText({
  updates,
  losses,
  lossDifference,
  gradientDifference,
  problems,
  onCpu,
}: SelftestReport['training'] & object): string {
  const fallen = Object.keys(onCpu).length > 0 ? ` On the CPU: ${onCpuText([onCpu])}.` : ''
  const line =
    `A small transformer, ${updates} updates: loss ${figure(losses[0])} to ${figure(losses[1])}; losses ` +
    `within ${lossDifference.toExponential(1)} of the reference, gradient norms within ` +
    `${gradientDifference.toExponential(1)}.${fallen}`
  return [line, ...problems.map((problem) => `  ${problem}`)].join('\n')
}
