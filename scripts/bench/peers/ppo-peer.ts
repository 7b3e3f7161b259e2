/**
 * `ppo-peer.js WAY`: iterations of our PPO as a peer; the way in JSON, as `RlWay` has it. Says what share of the time
 * writing, scoring and updating take.
 */
import { defaultsOf } from '../../../src-shared/fields'
import { ppoFields, type PpoSettings } from '../../../src-shared/recipes/ppo'
import { compiledEngine } from '../../../src-main/compute/cpu/compile'
import type { Engine } from '../../../src-main/compute/engine'
import { trainPpo } from '../../../src-main/trainers/ppo'
import { packageVersion } from '../work/work'
import { startOf, type RlWay } from '../work/rl-work'
import { peakMebibytes, servePeer } from './serve-peer'

const way = JSON.parse(process.argv[2] ?? '{}') as RlWay
const settings: PpoSettings = {
  ...defaultsOf(ppoFields),
  completions: way.completions ?? 64,
  maxTokens: way.maxTokens ?? 64,
  epochs: way.epochs ?? 1,
  minibatches: 4,
  updates: 100_000,
  samplesEvery: 100_000,
  criticWarmup: 0,
  klEstimator: 'sampled',
  adapter: way.hasAdapter ? 'lora' : 'none',
}

type Phase = 'writing' | 'scoring' | 'updating'
const ms: Record<Phase, number> = { writing: 0, scoring: 0, updating: 0 }
let phase: Phase = 'writing'
let sinceMs = performance.now()

/** From now on it is another phase's time. */
function turn(to: Phase): void {
  const nowMs = performance.now()
  ms[phase] += nowMs - sinceMs
  sinceMs = nowMs
  phase = to
}

/** Writing reads tokens at positions and prompts of lengths; whatever else a program reads is scored. */
const isWriting = (batch: object): boolean => 'positions' in batch || 'lengths' in batch

const watched = (engine: Engine): Engine => ({
  ...engine,
  program(body) {
    const program = engine.program(body)
    return {
      ...program,
      run(parameters, batch, into) {
        if (!isWriting(batch)) turn('scoring')
        return program.run(parameters, batch, into)
      },
      runParts(parameters, parts, atOnce) {
        turn('scoring')
        return program.runParts(parameters, parts, atOnce)
      },
    }
  },
  trainStep(...asked) {
    const step = engine.trainStep(...asked)
    return {
      ...step,
      update(batch, learningRate) {
        turn('updating')
        return step.update(batch, learningRate)
      },
    }
  },
})

const engine = compiledEngine({ threads: 2 })
const policy = startOf(way.start, way.endLogit)
const reward = async (texts: readonly { readonly completion: string }[]): Promise<readonly number[]> =>
  texts.map(({ completion }) => completion.length / 64)
const inputs = {
  policy,
  prompts: [],
  rewards: [{ source: 'length', place: 1, weight: 1, score: reward }] as const,
}
const events = trainPpo(watched(engine), inputs, settings)

async function iteration(): Promise<void> {
  turn('writing')
  for (let event = await events.next(); !event.done; event = await events.next())
    if (event.value.kind === 'update') break
  turn('writing')
}

await iteration()
await iteration()
for (const each of ['writing', 'scoring', 'updating'] as const) ms[each] = 0
await servePeer(
  { name: `RLHF Studio, ${engine.device}, ONNX Runtime ${packageVersion('onnxruntime-node')}` },
  iteration,
  () => ({ phases: ms, mebibytes: peakMebibytes() }),
)
