/**
 * The compiled engine on a GPU: what `compile.ts` is for the CPU. Weights are uploaded once; gradients,
 * moments and new weights stay on the device. An update sends the batch and six scalars, and gets back one
 * short vector: the program's scalars and the sum of squares of each gradient.
 */
import { borrow } from '../training/adamw'
import { createDeviceAdamW } from './device-adamw'
import { openDeviceSession, type Crossing, type DeviceSession } from './device-session'
import type {
  Batch,
  Engine,
  FrozenProgram,
  HostTensor,
  OptimizerSettings,
  Program,
  ProgramBody,
  TrainBody,
  TrainingWay,
  TrainStep,
} from '../engine'
import { withoutEightBits } from '../without-eight-bits'
import type { Graph } from '../graph/graph'
import {
  BATCH,
  GRADIENT,
  namesUnder,
  onTopOf,
  openGraphs,
  recordingsOf,
  summedIn,
  WEIGHT,
  withAddedGradients,
  withGradients,
  type OpenGraph,
  type OpenGraphs,
} from '../recording/graphs'
import { createLedger, type Ledger } from '../ledger'
import { lower } from '../lower/lower'
import { encodeModel } from '../lower/onnx'
import { addPlacements, nothingPlaced, type Placement } from '../placement'
import { trainedPart, type Parameters } from '../parameters'
import { recomputing } from '../training/recompute'
import { readReport, REPORT, withReport } from './report'
import { createResidence, type DeviceNumbers, type Residence } from './resident'
import { feedOf, hostTensor, type Feed } from '../providers/provider-session'
import { given, placed } from '../session'
import { addedScalars, guardedTrainStep } from '../training/train-step'

interface Device {
  readonly residence: Residence
  readonly ledger: Ledger
  /** Of everything that was opened. */
  placement: Placement
}

export interface DeviceEngine extends Engine {
  /** What went between host and device so far; `placement` counts what went inside graphs. */
  crossed(): Readonly<Crossing>
}

/**
 * @param device for people
 * @throws DeviceFailure, or an error of ONNX Runtime, when there is no such device
 */
export function deviceEngine(device: string): DeviceEngine {
  const crossing = { toDeviceBytes: 0, toHostBytes: 0 }
  const own: Device = {
    residence: createResidence(crossing),
    ledger: createLedger(),
    placement: nothingPlaced,
  }
  return {
    device,
    program: (body) => withoutEightBits(deviceProgram(body, own)),
    partsAtOnce: () => 1,
    trainStep: (parameters, body, optimizer, how) =>
      deviceTrainStep(parameters, body, { ...how, optimizer }, own),
    memory() {
      const { tensors, graphs, bytes } = own.ledger.memory()
      return { tensors, graphs, bytes: bytes + own.residence.bytes() }
    },
    placement: () => own.placement,
    crossed: () => ({ ...crossing }),
    dispose() {
      own.ledger.disposeAll()
      own.residence.dispose()
    },
  }
}

/** A graph with a session, and what is known about it under the program's names. */
interface Opened extends OpenGraph, Pick<DeviceSession, 'keep'> {
  /** @returns by the program's names: host tensors, and what was left on the device */
  run(feedOfInput: (name: string) => Feed): Readonly<Record<string, Feed>>
}

function openOn(device: Device, stays: (output: string) => boolean): (graph: Graph) => Promise<Opened> {
  return async (graph) => {
    const model = lower(graph, { target: 'webgpu' })
    const outputs = Object.fromEntries([...model.outputs].map(([name, onnxName]) => [onnxName, stays(name)]))
    const session = openDeviceSession(
      { bytes: encodeModel(model.graph), outputs },
      {
        crossing: device.residence.crossing,
        onPlacement: (placement) => {
          device.placement = addPlacements(device.placement, placement)
        },
      },
    )
    return {
      bytes: session.bytes,
      run(feedOfInput) {
        const results = session.run(
          Object.fromEntries([...model.inputs].map(([name, onnxName]) => [onnxName, feedOfInput(name)])),
        )
        return Object.fromEntries(
          [...model.outputs].map(([name, onnxName]) => [name, results[onnxName] as Feed]),
        )
      },
      keep: session.keep,
      dispose: session.dispose,
    }
  }
}

/** Lets messages through: a run blocks the thread it is called from. */
const breath = () =>
  new Promise<void>((resolve) => {
    setImmediate(resolve)
  })

/** @param weight finds the numbers of a weight */
function feedsOf(
  parameters: Parameters,
  batch: Batch,
  weight: (name: string) => DeviceNumbers,
): (input: string) => Feed {
  return (input) => {
    if (!input.startsWith(WEIGHT)) return feedOf(given(batch, input.slice(BATCH.length)))
    const name = input.slice(WEIGHT.length)
    return weight(name).as(parameters.spec[name] ?? [])
  }
}

function deviceProgram(body: ProgramBody, device: Device): Program {
  const graphs = openGraphs(
    recordingsOf(body),
    openOn(device, () => false),
    device.ledger,
  )
  const user = {}
  async function run(
    parameters: Parameters,
    batch: Batch,
    into: Batch,
    weight: (name: string) => DeviceNumbers,
  ): Promise<Record<string, HostTensor>> {
    return graphs.use(parameters.spec, batch, async (graph) => {
      await breath()
      return Object.fromEntries(
        Object.entries(graph.run(feedsOf(parameters, batch, weight))).map(([name, tensor]) => [
          name,
          placed(hostTensor(tensor), into[name]),
        ]),
      )
    })
  }
  return {
    run: (parameters, batch, into = {}) =>
      run(parameters, batch, into, (name) => device.residence.of(parameters, name, user)),
    freeze: (parameters) => frozenProgram(parameters, device, run),
    dispose() {
      graphs.dispose()
      device.residence.leave(user)
    },
  }
}

/** Keeps the device's tensors as they are now: updates make new ones, so nothing is copied. */
function frozenProgram(
  parameters: Parameters,
  { residence, ledger }: Device,
  run: (
    parameters: Parameters,
    batch: Batch,
    into: Batch,
    weight: (name: string) => DeviceNumbers,
  ) => Promise<Record<string, HostTensor>>,
): FrozenProgram {
  const user = {}
  const kept = new Map(
    Object.keys(parameters.spec).map((name) => [name, residence.of(parameters, name, user).retain()]),
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

function deviceTrainStep(
  parameters: Parameters,
  body: TrainBody,
  { optimizer, recomputes = false }: Partial<TrainingWay> & { readonly optimizer: OptimizerSettings },
  device: Device,
): TrainStep {
  const { residence, ledger } = device
  const trained = trainedPart(parameters)
  const user = {}
  const giveBack = borrow(trained)
  const reportNames = new WeakMap<Opened, readonly string[]>()
  const open = openOn(device, (output) => output.startsWith(GRADIENT))
  const reporting = async (recorded: Graph): Promise<Opened> => {
    const { graph, names } = withReport(recorded)
    const opened = await open(graph)
    reportNames.set(opened, names)
    return opened
  }
  const names = Object.keys(trained.spec)
  const opened = (withThem: ProgramBody) =>
    openGraphs(recordingsOf(withThem, recomputes ? recomputing : undefined), reporting, ledger)
  const graphs = opened(withGradients(body, names))
  const adding = opened(withAddedGradients(body, names))
  const adamw = createDeviceAdamW(trained, optimizer, residence, user)
  let gradients: ReadonlyMap<string, DeviceNumbers> = new Map()

  function forgetGradients(): void {
    for (const unused of gradients.values()) unused.release()
    gradients = new Map()
  }

  function keepGradients(results: Readonly<Record<string, Feed>>, graph: Opened): void {
    forgetGradients()
    gradients = new Map(
      namesUnder(GRADIENT, Object.keys(results)).map((name) => [
        name,
        residence.adopt(results[GRADIENT + name] as Feed, graph),
      ]),
    )
  }

  const run = (on: OpenGraphs<Opened>, batch: Batch) =>
    on.use(parameters.spec, batch, async (graph) => {
      await breath()
      const feeds = feedsOf(parameters, batch, (name) => residence.of(parameters, name, user))
      const results = graph.run((input) => {
        const summed = summedIn(input)
        return summed === undefined
          ? feeds(input)
          : (gradients.get(summed) as DeviceNumbers).as(parameters.spec[summed] ?? [])
      })
      keepGradients(results, graph)
      return readReport(reportNames.get(graph) ?? [], hostTensor(results[REPORT]).data)
    })

  return guardedTrainStep(ledger, {
    bytes: 0, // the residence counts what lies on the device
    async compute([first = {}, ...others]) {
      const reports = [await run(graphs, first)]
      for (const part of others)
        reports.push(await run(adding, onTopOf(sumsOf(gradients, parameters.spec), part)))
      return {
        scalars: addedScalars(reports.map(({ scalars }) => scalars)),
        gradientNorm: reports.at(-1)?.gradientNorm ?? NaN,
      }
    },
    apply(learningRate, gradientNorm) {
      adamw.update(gradients, learningRate, gradientNorm)
      gradients = new Map()
    },
    updates: adamw.updates,
    state: adamw.state,
    restore: adamw.restore,
    dispose() {
      forgetGradients()
      graphs.dispose()
      adding.dispose()
      adamw.dispose()
      residence.leave(user)
      giveBack()
    },
  })
}

/**
 * Gradients that wait on the device, as tensors of a batch that are there already: shapes without numbers.
 */
function sumsOf(gradients: ReadonlyMap<string, DeviceNumbers>, spec: Parameters['spec']): Batch {
  return Object.fromEntries(
    [...gradients.keys()].map((name) => [name, { shape: spec[name] ?? [], data: new Float32Array(0) }]),
  )
}
