/**
 * The compiled engine: a program is recorded once per set of shapes, simplified, lowered to ONNX and run by
 * ONNX Runtime, on the CPU or on a provider that takes host memory.
 */
import { compiledGradients } from './compiled-gradients'
import type { Engine, Program, ProgramBody } from '../engine'
import { batchFeeds, weightFeeds } from './feeds'
import type { Graph } from '../graph/graph'
import { recordingsOf } from '../recording/graphs'
import { openGraphs } from '../recording/opened-graphs'
import { inTurn } from '../in-turn'
import { createLedger, type Ledger } from '../ledger'
import { frozenInputs, heldInputs, perHeldWeights } from './frozen-weights'
import type { FrozenInputs } from '../lower/frozen-inputs'
import { refuseHeld, withoutEightBits } from '../without-eight-bits'
import { lower } from '../lower/lower'
import type { Target } from '../lower/target'
import { machineMemory } from '../machine-memory'
import { trainedPart, type Parameters } from '../parameters'
import { addPlacements, nothingPlaced, type Placement } from '../placement'
import { openProviderSession } from '../providers/provider-session'
import { openSession } from './cpu-session'
import { programLanes } from './program-lanes'
import { runSession, type Session } from '../session'
import { createTrainStep, partsFor } from '../training/train-step'

export interface CompiledSettings {
  /** Of ONNX Runtime, the caller's own among them. */
  readonly threads: number
  /**
   * One of ONNX Runtime's providers, reached through its binding for Node: weights are copied to it with
   * every run.
   */
  readonly provider?: { readonly target: Target; readonly device: string }
  /**
   * Room for opened graphs; beyond it those that nobody has used for longest are let go. Half of what the
   * machine has, unless told.
   */
  readonly graphBytes?: number
}

/** Opens graphs. @param frozen weights that are built in */
type Open = (threads: number, frozen?: FrozenInputs) => (graph: Graph) => Promise<Session>

export function compiledEngine({
  threads,
  provider,
  graphBytes = machineMemory().totalBytes / 2,
}: CompiledSettings): Engine {
  const ledger = createLedger(graphBytes)
  let placed = nothingPlaced
  const open = opening(provider?.target, (placement) => {
    placed = addPlacements(placed, placement)
  })
  const partsAtOnce = (parameters: Parameters) => (provider ? 1 : partsFor(threads, parameters))
  return {
    device: provider?.device ?? `CPU, ${threads} ${threads === 1 ? 'thread' : 'threads'}, compiled`,
    program(body) {
      const program = compiledProgram(body, open, threads, ledger)
      return provider ? withoutEightBits(program) : program
    },
    partsAtOnce,
    trainStep(parameters, body, optimizer, how) {
      if (provider) refuseHeld(parameters)
      const room = { lanes: partsAtOnce(parameters), threads }
      const ways = {
        open: (threads: number) => open(threads, heldInputs(parameters)),
        threads,
        ledger,
        recomputes: how?.recomputes ?? false,
      }
      const source = compiledGradients(parameters, body, ways)
      return createTrainStep(trainedPart(parameters), optimizer, ledger, source, room)
    },
    memory: () => ledger.memory(),
    placement: () => placed,
    dispose: () => ledger.disposeAll(),
  }
}

/** @param onPlacement is told where the operators of a graph's first run ran, where they may run elsewhere */
function opening(target: Target | undefined, onPlacement: (placement: Placement) => void): Open {
  return (threads, frozen) => async (graph) => {
    const model = lower(graph, { threads, ...(frozen && { frozen }), ...(target && { target }) })
    if (!target) return openSession(model, { threads })
    return openProviderSession(model, { target, threads, ...(target !== 'cpu' && { onPlacement }) })
  }
}

function compiledProgram(body: ProgramBody, open: Open, threads: number, ledger: Ledger): Program {
  const recordings = recordingsOf(body)
  const graphs = perHeldWeights((held) => openGraphs(recordings, open(threads, held), ledger))
  const run: Program['run'] = async (parameters, batch, into) =>
    graphs
      .of(parameters)
      .use(parameters.spec, batch, (session) =>
        runSession(session, { ...weightFeeds(parameters), ...batchFeeds(batch) }, into),
      )
  const lanes = perHeldWeights((held) =>
    programLanes((size) => openGraphs(recordings, open(Math.floor(threads / size), held), ledger)),
  )
  return {
    run,
    runParts: async (parameters, parts, partsAtOnce) => {
      const size = Math.min(partsAtOnce, parts.length)
      return size > 1 ? lanes.of(parameters).run(parameters, parts, size) : inTurn(run)(parameters, parts, 1)
    },
    freeze(parameters, format = 'as-they-are') {
      const frozen = openGraphs(recordings, open(threads, frozenInputs(parameters, format)), ledger)
      return {
        run: (batch, into) =>
          frozen.use(parameters.spec, batch, (session) => runSession(session, batchFeeds(batch), into)),
        dispose: frozen.dispose,
      }
    },
    dispose() {
      graphs.dispose()
      lanes.dispose()
    },
  }
}
