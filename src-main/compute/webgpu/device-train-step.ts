/** A train step on a device: gradients wait there for AdamW, and only a short report comes to the host. */
import type { Batch, OptimizerSettings, ProgramBody, TrainBody, TrainingWay, TrainStep } from '../engine'
import type { Graph } from '../graph/graph'
import { trainedPart, type Parameters } from '../parameters'
import { hostTensor, type Feed } from '../providers/provider-session'
import {
  GRADIENT,
  namesUnder,
  onTopOf,
  recordingsOf,
  summedIn,
  withAddedGradients,
  withGradients,
} from '../recording/graphs'
import { openGraphs, type OpenGraphs } from '../recording/opened-graphs'
import { borrow } from '../training/adamw'
import { recomputing } from '../training/recompute'
import { addedScalars, guardedTrainStep } from '../training/train-step'
import { createDeviceAdamW } from './device-adamw'
import type { DeviceNumbers } from './device-numbers'
import { breath, feedsOf, openOn, type Device, type Opened } from './opened'
import { readReport, REPORT, withReport } from './report'
import type { Residence } from './resident'

export function deviceTrainStep(
  parameters: Parameters,
  body: TrainBody,
  { optimizer, recomputes = false }: Partial<TrainingWay> & { readonly optimizer: OptimizerSettings },
  device: Device,
): TrainStep {
  const { residence } = device
  const trained = trainedPart(parameters)
  const user = {}
  const giveBack = borrow(trained)
  const names = Object.keys(trained.spec)
  const opened = reportingGraphs(device, recomputes)
  const graphs = opened(withGradients(body, names))
  const adding = opened(withAddedGradients(body, names))
  const gradients = heldGradients(residence)
  const run = partsOn(parameters, gradients, (name) => residence.numbersOf(parameters, name, user))
  const adamw = createDeviceAdamW(trained, optimizer, residence, user)
  return guardedTrainStep(device.ledger, {
    bytes: 0, // the residence counts what lies on the device
    async compute([first = {}, ...others]) {
      const reports = [await run(graphs, first)]
      for (const part of others)
        reports.push(await run(adding, onTopOf(gradients.asBatch(parameters.spec), part)))
      const scalars = addedScalars(reports.map((report) => report.scalars))
      return { scalars, gradientNorm: reports.at(-1)?.gradientNorm ?? NaN }
    },
    apply: (learningRate, gradientNorm) => adamw.update(gradients.taken(), learningRate, gradientNorm),
    updates: adamw.updates,
    state: adamw.state,
    restore: adamw.restore,
    dispose() {
      gradients.forget()
      graphs.dispose()
      adding.dispose()
      adamw.dispose()
      residence.leave(user)
      giveBack()
    },
  })
}

/** An opened graph with gradients that stay on the device, and what the numbers of its report are. */
interface Reporting extends Opened {
  readonly reportNames: readonly string[]
}

function reportingGraphs(device: Device, recomputes: boolean): (body: ProgramBody) => OpenGraphs<Reporting> {
  const open = openOn(device, (output) => output.startsWith(GRADIENT))
  const openReporting = async (recorded: Graph): Promise<Reporting> => {
    const { graph, names } = withReport(recorded)
    return { ...(await open(graph)), reportNames: names }
  }
  const rewrite = recomputes ? recomputing : undefined
  return (body) => openGraphs(recordingsOf(body, rewrite), openReporting, device.ledger)
}

/** The gradients of the parts of a batch so far, by parameter: they wait on the device. */
interface HeldGradients {
  named(name: string): DeviceNumbers
  /** Keeps those that a run of the graph left on the device, instead of the older ones. */
  keep(results: Readonly<Record<string, Feed>>, graph: Opened): void
  /** As tensors of a batch that are there already: shapes without numbers. */
  asBatch(spec: Parameters['spec']): Batch
  /** Hands them over: whoever takes them releases them. */
  taken(): ReadonlyMap<string, DeviceNumbers>
  forget(): void
}

function heldGradients(residence: Residence): HeldGradients {
  let held: ReadonlyMap<string, DeviceNumbers> = new Map()

  function forget(): void {
    for (const unused of held.values()) unused.release()
    held = new Map()
  }

  return {
    named: (name) => held.get(name) as DeviceNumbers,
    keep(results, graph) {
      forget()
      held = new Map(
        namesUnder(GRADIENT, Object.keys(results)).map((name) => [
          name,
          residence.adopt(results[GRADIENT + name] as Feed, graph),
        ]),
      )
    },
    asBatch: (spec) =>
      Object.fromEntries(
        [...held.keys()].map((name) => [name, { shape: spec[name] ?? [], data: new Float32Array(0) }]),
      ),
    taken() {
      const taken = held
      held = new Map()
      return taken
    },
    forget,
  }
}

/** @returns computes a part, keeps its gradients and reads its report */
function partsOn(parameters: Parameters, gradients: HeldGradients, weight: (name: string) => DeviceNumbers) {
  return (graphs: OpenGraphs<Reporting>, part: Batch) =>
    graphs.use(parameters.spec, part, async (graph) => {
      await breath()
      const feeds = feedsOf(parameters, part, weight)
      const results = graph.run((input) => {
        const summed = summedIn(input)
        return summed === undefined ? feeds(input) : gradients.named(summed).as(parameters.spec[summed] ?? [])
      })
      gradients.keep(results, graph)
      return readReport(graph.reportNames, hostTensor(results[REPORT]).data)
    })
}
