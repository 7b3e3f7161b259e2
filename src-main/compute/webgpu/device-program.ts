/** Programs on a device that keeps their weights. */
import type { Batch, FrozenProgram, HostTensor, Program, ProgramBody } from '../engine'
import { inTurn } from '../in-turn'
import type { Parameters } from '../parameters'
import { hostTensor } from '../providers/provider-session'
import { recordingsOf } from '../recording/graphs'
import { openGraphs } from '../recording/opened-graphs'
import { placed } from '../session'
import type { DeviceNumbers } from './device-numbers'
import { breath, feedsOf, openOn, type Device } from './opened'

/** Runs a program. @param weight finds the numbers of a weight */
type Run = (
  parameters: Parameters,
  batch: Batch,
  into: Batch,
  weight: (name: string) => DeviceNumbers,
) => Promise<Record<string, HostTensor>>

export function deviceProgram(body: ProgramBody, device: Device): Program {
  const graphs = openGraphs(
    recordingsOf(body),
    openOn(device, () => false),
    device.ledger,
  )
  const user = {}
  const run: Run = async (parameters, batch, into, weight) =>
    graphs.use(parameters.spec, batch, async (graph) => {
      await breath()
      return Object.fromEntries(
        Object.entries(graph.run(feedsOf(parameters, batch, weight))).map(([name, tensor]) => [
          name,
          placed(hostTensor(tensor), into[name]),
        ]),
      )
    })
  const runOne: Program['run'] = (parameters, batch, into = {}) =>
    run(parameters, batch, into, (name) => device.residence.numbersOf(parameters, name, user))
  return {
    run: runOne,
    runParts: inTurn(runOne),
    freeze: (parameters) => frozenProgram(parameters, device, run),
    dispose() {
      graphs.dispose()
      device.residence.leave(user)
    },
  }
}

/** Keeps the device's tensors as they are now: updates make new ones, so nothing is copied. */
function frozenProgram(parameters: Parameters, { residence, ledger }: Device, run: Run): FrozenProgram {
  const user = {}
  const kept = new Map(
    Object.keys(parameters.spec).map((name) => [name, residence.numbersOf(parameters, name, user).retain()]),
  )
  const dispose = ledger.hold({
    graphs: 0,
    bytes: 0,
    dispose: () => {
      for (const numbers of kept.values()) numbers.release()
      kept.clear()
    },
  })
  residence.leave(user)
  return {
    run: (batch, into = {}) =>
      run(parameters, batch, into, (name) => {
        const numbers = kept.get(name)
        if (!numbers) throw new Error('this program is disposed')
        return numbers
      }),
    dispose,
  }
}
