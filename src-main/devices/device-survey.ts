/**
 * Which devices there are. Those that must be tried are tried once, each in a compute process of its own: a
 * driver that hangs or crashes costs the list one line.
 */
import type { Device } from '../../src-shared/records/device'
import { endInWords, type ForkCompute } from '../processes/compute-child'
import { providersHere, unprobed, type Provider } from '../compute/providers/providers'
import { hasPassed } from './tested-devices'

export interface SurveyOptions {
  readonly fork: ForkCompute
  /** What needs no trying. */
  readonly certain: () => Promise<readonly Device[]>
  /** Where the registry lies; beside it stands which devices have passed the self-test. */
  readonly registryPath: string
  /** How long a device may take to answer; the first use of a driver builds its caches. */
  readonly patienceMs?: number
}

/** @returns every device, looked up at the first call; which of them are still untested is read at each */
export function deviceSurvey({
  fork,
  certain,
  registryPath,
  patienceMs = 30_000,
}: SurveyOptions): () => Promise<readonly Device[]> {
  let tried: Promise<readonly Device[]> | undefined
  return async () => {
    tried ??= Promise.all(providersHere().map((provider) => tryOut(provider, fork, patienceMs)))
    const all = [...(await certain()), ...(await tried)]
    return all.map(({ isUntested, ...device }) =>
      isUntested === true && !hasPassed(registryPath, device) ? { ...device, isUntested } : device,
    )
  }
}

function tryOut(provider: Provider, fork: ForkCompute, patienceMs: number): Promise<Device> {
  return new Promise((resolve) => {
    const child = fork()
    const fail = (whyNot: string) => resolve({ ...unprobed(provider), whyNot })
    const timer = setTimeout(() => {
      fail(`It did not answer within ${patienceMs / 1000} seconds.`)
      child.kill()
    }, patienceMs)
    child.onMessage((message) => {
      if (message.kind === 'probed') resolve(message.device)
    })
    child.onEnd((end) => {
      clearTimeout(timer)
      fail(`${endInWords(end)} while it was tried.`)
    })
    child.send({ kind: 'probe', deviceId: provider.id })
  })
}
