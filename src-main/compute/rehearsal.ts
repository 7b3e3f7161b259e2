/**
 * An engine that computes nothing and counts what computing would hold. The same trainer that will do the
 * work is run on it for one update: its programs are recorded for the shapes it uses, and answered with
 * zeros. So the prediction follows the program, whatever becomes of it.
 */
import type { Batch, Engine, HostTensor, Program, ProgramBody, TrainStep } from './engine'
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

/** Parameters without values and without memory: nothing that copies them writes. */
export function unwritten(spec: ParameterSpec): Parameters {
  const memory = new SharedArrayBuffer(0)
  const nothing = new Float32Array(0)
  const places = new Map(spansOf(spec).map(({ name, start, end }) => [name, { memory, start, end }]))
  function place(name: string): Place {
    const found = places.get(name)
    if (!found) throw new Error(`there is no parameter "${name}"`)
    return found
  }
  return { spec, count: countOf(spec), flat: nothing, view: () => nothing, place }
}

/** @param threads how many the run will have, that compute parts of a batch side by side */
export function rehearsalEngine(threads: number): RehearsalEngine {
  const ledger = createLedger()
  const tensors = new Map<string, number>()
  const trained = new Map<Parameters, number>()
  const training = new Map<Graph, readonly number[]>()
  const programs = new Map<Graph, number>()
  const outputs = new Map<Graph, number>()
  const trainedBytes = () => [...trained.keys()].map(({ count }) => count * BYTES)
  const memories = new Map<SharedArrayBuffer, number>()
  const numberOf = (memory: SharedArrayBuffer) =>
    memories.get(memory) ?? memories.set(memory, memories.size).size - 1

  function meet(parameters: Parameters): void {
    for (const name of Object.keys(parameters.spec)) {
      const { memory, start, end } = parameters.place(name)
      tensors.set(`${numberOf(memory)} ${start}`, (end - start) * BYTES)
    }
  }

  function rehearsedProgram(body: ProgramBody): Program {
    const recordings = recordingsOf(body)
    async function run(parameters: Parameters, batch: Batch): Promise<Record<string, HostTensor>> {
      meet(parameters)
      const graph = recordings(parameters.spec, batch)
      if (!programs.has(graph)) programs.set(graph, liveBytes(graph))
      outputs.set(graph, outputBytes(graph))
      return zerosOf(graph)
    }
    return {
      run,
      freeze: (parameters) => ({ run: (batch) => run(parameters, batch), dispose() {} }),
      dispose() {},
    }
  }

  const trainStep: Engine['trainStep'] = (parameters, body, _, how) => {
    const part = trainedPart(parameters)
    const names = Object.keys(part.spec)
    const rewrite = how?.recomputes ? recomputing : undefined
    const whole = recordingsOf(withGradients(body, names), rewrite)
    const adding = recordingsOf(withAddedGradients(body, names), rewrite)
    return {
      async update(batch) {
        meet(parameters)
        const parts = isParts(batch) ? batch : [batch]
        const [first = {}] = parts
        const atOnce = Math.min(partsFor(threads, parameters), parts.length)
        trained.set(part, atOnce)
        const graph =
          parts.length > atOnce
            ? adding(parameters.spec, onTopOf(sumsOf(part), first))
            : whole(parameters.spec, first)
        if (!training.has(graph)) training.set(graph, new Array<number>(atOnce).fill(liveBytes(graph)))
        return {
          ...Object.fromEntries(namesUnder(SCALAR, Object.keys(graph.outputs)).map((name) => [name, 0])),
          gradientNorm: 0,
        }
      },
      state: () => ({ updates: 0, firstMoment: new Float32Array(0), secondMoment: new Float32Array(0) }),
      restore() {},
      dispose() {},
    } satisfies TrainStep
  }

  return {
    device: 'rehearsal',
    program: (body) => rehearsedProgram(body),
    partsAtOnce: (parameters) => partsFor(threads, parameters),
    trainStep,
    memory: () => ledger.memory(),
    placement: () => nothingPlaced,
    dispose: () => ledger.disposeAll(),
    held: () => ({
      parameters: sum(tensors.values()),
      trained: sum(trainedBytes()),
      gradients: sum([...trained].map(([part, lanes]) => lanes * part.count * BYTES)),
      optimizer: MOMENTS * sum(trainedBytes()),
      training: [...training.values()].flat(),
      programs: [...programs.values()],
      outputs: sum(outputs.values()),
    }),
  }
}

const sum = (of: Iterable<number>) => [...of].reduce((total, bytes) => total + bytes, 0)
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
