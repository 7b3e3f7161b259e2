/**
 * An engine that computes nothing and counts what computing would hold. The same trainer that will do the
 * work is run on it for one update: its programs are recorded for the shapes it uses, and answered with
 * zeros. So the prediction follows the program, whatever becomes of it.
 */
import type { Batch, Engine, HostTensor, Program, ProgramBody, TrainBody, TrainStep } from './engine'
import { unwrittenInEightBits, type WayRound } from './eight-bit-parameters'
import { bytesInEightBits, type HeldWeight } from './eight-bits'
import { heldInputs } from './cpu/frozen-weights'
import { withWeightsWrittenOut } from './lower/written-out'
import { liveBytes } from './graph/footprint'
import type { Graph } from './graph/graph'
import {
  namesUnder,
  onTopOf,
  recordingsOf,
  SCALAR,
  withAddedGradients,
  withGradients,
} from './recording/graphs'
import { createLedger } from './ledger'
import {
  countOf,
  sizeOf,
  spansOf,
  trainedPart,
  type Parameters,
  type ParameterSpec,
  type Place,
} from './parameters'
import { nothingPlaced } from './placement'
import { recomputing } from './training/recompute'
import { partsFor } from './training/train-step'

/** Bytes. */
export interface HeldBytes {
  /** Values of all models that were met, each once, whoever shares them. */
  readonly parameters: number
  /** Values of what is trained. */
  readonly trained: number
  /** Of what is trained, once for each part of a batch that is computed beside others. */
  readonly gradients: number
  readonly optimizer: number
  /** What each graph of a training step must hold at once, in the order in which they were first used. */
  readonly training: readonly number[]
  /** The same of all other graphs. */
  readonly programs: readonly number[]
  /** What the programs give back, each once. */
  readonly outputs: number
}

export interface RehearsalEngine extends Engine {
  held(): HeldBytes
}

const BYTES = Float32Array.BYTES_PER_ELEMENT
const MOMENTS = 2

/**
 * Parameters without values and without memory: nothing that copies them writes.
 * @param wayRound as of `allocateInEightBits`
 */
export function unwritten(spec: ParameterSpec, wayRound: WayRound = () => undefined): Parameters {
  const memory = new SharedArrayBuffer(0)
  const nothing = new Float32Array(0)
  const places = new Map(spansOf(spec).map(({ name, start, end }) => [name, { memory, start, end }]))
  function place(name: string): Place {
    const found = places.get(name)
    if (!found) throw new Error(`there is no parameter "${name}"`)
    return found
  }
  const held = unwrittenInEightBits(spec, wayRound)
  return {
    spec,
    count: countOf(spec),
    flat: nothing,
    view: () => nothing,
    place,
    held: (name) => held.get(name),
  }
}

/** @param threads how many the run will have, that compute parts of a batch side by side */
export function rehearsalEngine(threads: number): RehearsalEngine {
  const ledger = createLedger()
  const tally = createTally()
  return {
    device: 'rehearsal',
    program: (body) => rehearsedProgram(body, tally),
    partsAtOnce: (parameters) => partsFor(threads, parameters),
    trainStep: (parameters, body, _, how) =>
      rehearsedTrainStep(parameters, body, how?.recomputes ?? false, { tally, threads }),
    memory: () => ledger.memory(),
    placement: () => nothingPlaced,
    dispose: () => ledger.disposeAll(),
    held: tally.held,
  }
}

/** What was met so far, each thing once. */
interface Tally {
  /** Parameters that somebody computes with. */
  meet(parameters: Parameters): void
  /** Parameters that are trained. @param lanes sets of their gradients */
  train(trained: Parameters, lanes: number): void
  /** @param atOnce how many of it run side by side */
  program(graph: Graph, atOnce: number): void
  /** A graph of a train step. @param atOnce how many of it run side by side */
  step(graph: Graph, atOnce: number): void
  held(): HeldBytes
}

function createTally(): Tally {
  const tensors = new Map<string, number>()
  const heldBytes = new Map<HeldWeight, number>()
  const trained = new Map<Parameters, number>()
  const training = new Map<Graph, readonly number[]>()
  const programs = new Map<Graph, number>()
  const outputs = new Map<Graph, number>()
  const keyOf = tensorKeys()
  const trainedBytes = () => sum([...trained.keys()].map(({ count }) => count * BYTES))
  return {
    meet(parameters) {
      for (const name of Object.keys(parameters.spec)) {
        const weight = parameters.held(name)
        if (weight) heldBytes.set(weight, bytesInEightBits(weight.matrix))
        else {
          const place = parameters.place(name)
          tensors.set(keyOf(place), (place.end - place.start) * BYTES)
        }
      }
    },
    train: (parameters, lanes) => void trained.set(parameters, lanes),
    program(graph, atOnce) {
      if (!programs.has(graph)) programs.set(graph, atOnce * liveBytes(graph))
      outputs.set(graph, outputBytes(graph))
    },
    step(graph, atOnce) {
      if (!training.has(graph)) training.set(graph, new Array<number>(atOnce).fill(liveBytes(graph)))
    },
    held: () => ({
      parameters: sum(tensors.values()) + sum(heldBytes.values()),
      trained: trainedBytes(),
      gradients: sum([...trained].map(([part, lanes]) => lanes * part.count * BYTES)),
      optimizer: MOMENTS * trainedBytes(),
      training: [...training.values()].flat(),
      programs: [...programs.values()],
      outputs: sum(outputs.values()),
    }),
  }
}

/** A text for each tensor, the same for all models that share it. */
function tensorKeys(): (place: Place) => string {
  const memories = new Map<SharedArrayBuffer, number>()
  const numberOf = (memory: SharedArrayBuffer) =>
    memories.get(memory) ?? memories.set(memory, memories.size).size - 1
  return ({ memory, start }) => `${numberOf(memory)} ${start}`
}

function rehearsedProgram(body: ProgramBody, tally: Tally): Program {
  const recordings = recordingsOf(body)
  const writtenOut = oncePerGraph()
  function ran(parameters: Parameters, batch: Batch, atOnce: number): Record<string, HostTensor> {
    tally.meet(parameters)
    const graph = writtenOut(recordings(parameters.spec, batch), parameters)
    tally.program(graph, atOnce)
    return zerosOf(graph)
  }
  return {
    run: async (parameters, batch) => ran(parameters, batch, 1),
    runParts: async (parameters, parts, partsAtOnce) =>
      parts.map((batch) => ran(parameters, batch, Math.min(partsAtOnce, parts.length))),
    freeze: (parameters) => ({ run: async (batch) => ran(parameters, batch, 1), dispose() {} }),
    dispose() {},
  }
}

function rehearsedTrainStep(
  parameters: Parameters,
  body: TrainBody,
  recomputes: boolean,
  { tally, threads }: { readonly tally: Tally; readonly threads: number },
): TrainStep {
  const part = trainedPart(parameters)
  const names = Object.keys(part.spec)
  const rewrite = recomputes ? recomputing : undefined
  const writtenOut = oncePerGraph()
  const writing = recordingsOf(withGradients(body, names), rewrite)
  const adding = recordingsOf(withAddedGradients(body, names), rewrite)
  return {
    async update(batch) {
      tally.meet(parameters)
      const parts = isParts(batch) ? batch : [batch]
      const [first = {}] = parts
      const atOnce = Math.min(partsFor(threads, parameters), parts.length)
      tally.train(part, atOnce)
      const recorded =
        parts.length > atOnce
          ? adding(parameters.spec, onTopOf(sumsOf(part), first))
          : writing(parameters.spec, first)
      const graph = writtenOut(recorded, parameters)
      tally.step(graph, atOnce)
      const scalars = namesUnder(SCALAR, Object.keys(graph.outputs))
      return { ...Object.fromEntries(scalars.map((name) => [name, 0])), gradientNorm: 0 }
    },
    state: () => ({ updates: 0, firstMoment: new Float32Array(0), secondMoment: new Float32Array(0) }),
    restore() {},
    dispose() {},
  }
}

/** The graph as it runs on weights that are held in 8 bits: the same one each time. */
function oncePerGraph(): (graph: Graph, parameters: Parameters) => Graph {
  const made = new Map<Graph, Graph>()
  return (graph, parameters) => {
    const known = made.get(graph) ?? withWeightsWrittenOut(graph, heldInputs(parameters))
    made.set(graph, known)
    return known
  }
}

const sum = (numbers: Iterable<number>) => [...numbers].reduce((total, bytes) => total + bytes, 0)
const isParts = (batch: Batch | readonly Batch[]): batch is readonly Batch[] => Array.isArray(batch)
const sumsOf = ({ spec }: Parameters): Batch =>
  Object.fromEntries(
    Object.entries(spec).map(([name, shape]) => [name, { shape, data: new Float32Array(0) }]),
  )
const outputBytes = (graph: Graph) =>
  Object.values(graph.outputs).reduce((sum, { shape }) => sum + sizeOf(shape) * BYTES, 0)

function zerosOf(graph: Graph): Record<string, HostTensor> {
  return Object.fromEntries(
    Object.entries(graph.outputs).map(([name, { shape, dtype }]) => [
      name,
      { shape, data: dtype === 'float32' ? new Float32Array(sizeOf(shape)) : new Int32Array(sizeOf(shape)) },
    ]),
  )
}
