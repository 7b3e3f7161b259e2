/**
 * What a run trains of the model it starts from: a copy of all its weights; a copy of those that learn, over
 * the frozen rest; or an adapter (LoRA) over all of it. What is frozen is the start's own memory, so a
 * policy, its reference and its critic stand on one trunk, and it has neither gradient nor moments.
 */
import type { TrainedPartSettings } from '../../src-shared/recipes/trained-part'
import type { FieldProblem } from '../../src-shared/result'
import { allocate, overlay, type Parameters, type ParameterSpec } from '../compute/parameters'
import type { Batch } from '../compute/engine'
import { seeded } from '../maths/random'
import { freeName, isAdapterTensor } from '../model/adapters/adapter-names'
import { blockOf, idlePatterns, matcher, projectionsOf } from '../model/adapters/adapter-targets'
import {
  adapterSpec,
  dropoutMasks,
  initialiseAdapter,
  merged,
  withAdapters,
} from '../model/adapters/adapters'
import type { RowsDrawn } from '../model/layers/dropout'
import type { Adapter, Model, ModelConfig } from '../model/model'
import { heldInEightBits } from '../model/weights/held-weights'
import { isDecayed, trunkSpec } from '../model/trunk-parameters'
import { problemsOf, refuse } from './refuse'

export interface TrainedPart extends TrainedPartSettings {
  readonly loraDropout?: number
  readonly seed: number
}

/**
 * A model for a run to train, with the start's values; what it shares with the start never changes. Heads are
 * always trained.
 * @param name of the adapter, when there is one
 * @param last what the run had become when it stopped: its values are taken, and where everything is trained
 *   it goes on in place
 * @throws StudioFailure when a pattern means nothing in this model, or nothing is left to learn
 */
export function toTrain<M extends Model>(start: M, settings: TrainedPart, name: string, last?: Model): M {
  return settings.adapter === 'lora'
    ? withNewAdapter(start, settings, name, last)
    : withLearned(start, settings, last)
}

function withNewAdapter<M extends Model>(from: M, settings: TrainedPart, name: string, last?: Model): M {
  const start = settings.frozenWeights === '8-bit' ? heldInEightBits(from) : from
  const { config, adapters = [] } = start
  const adapter = adapterOf(config, settings, freeName(name, adapters))
  const own = allocate({ ...adapterSpec(config, adapter), ...headsOf(start) })
  takeOver(own, start.parameters)
  initialiseAdapter(own, adapter, seeded(settings.seed, 'adapter', adapter.name))
  if (last) takeOver(own, last.parameters)
  return {
    ...start,
    parameters: withAdapters(start.parameters, [adapter], own),
    adapters: [...adapters, adapter],
  }
}

function withLearned<M extends Model>(start: M, settings: TrainedPart, last?: Model): M {
  const trunk = Object.entries(trunkSpec(start.config))
  const isFrozen = frozenIn(start.config, settings)
  const learned = trunk.filter(([name, shape]) => !isFrozen(name, shape))
  const isWhole = learned.length === trunk.length
  if (learned.length === 0) refuse('frozen', 'leaves nothing to learn')
  const spec = { ...Object.fromEntries(learned), ...headsOf(start) }
  if (isWhole && last && Object.keys(last.parameters.spec).join() === Object.keys(spec).join())
    return { ...start, parameters: last.parameters, adapters: [] }
  const plain = start.adapters?.length ? merged(start) : start
  const own = allocate(spec)
  takeOver(own, plain.parameters)
  if (last) takeOver(own, last.parameters)
  return { ...start, parameters: isWhole ? own : overlay(plain.parameters, own), adapters: [] }
}

/** What stands beside the trunk and is no adapter's. */
function headsOf({ config, parameters }: Model): ParameterSpec {
  const trunk = trunkSpec(config)
  return Object.fromEntries(
    Object.entries(parameters.spec).filter(([name]) => !Object.hasOwn(trunk, name) && !isAdapterTensor(name)),
  )
}

/** Takes the values of tensors of the same name. */
function takeOver(own: Parameters, from: Parameters): void {
  for (const name of Object.keys(own.spec))
    if (Object.hasOwn(from.spec, name)) own.view(name).set(from.view(name))
}

/** What `checkTrainedPart` refuses, as problems; none of a model that is not there. */
export const trainedPartProblems = (
  model: { readonly config: ModelConfig } | undefined,
  settings: Omit<TrainedPart, 'seed'>,
): readonly FieldProblem[] => (model ? problemsOf(() => checkTrainedPart(model.config, settings)) : [])

/** @throws StudioFailure naming the setting, when these do not fit the model */
export function checkTrainedPart(config: ModelConfig, settings: Omit<TrainedPart, 'seed'>): void {
  const isFrozen = frozenIn(config, settings)
  if (settings.adapter === 'lora') adapterOf(config, settings, '')
  else if (Object.entries(trunkSpec(config)).every(([name, shape]) => isFrozen(name, shape)))
    refuse('frozen', 'leaves nothing to learn')
}

type IsFrozen = (name: string, shape: readonly number[]) => boolean

function frozenIn(
  config: ModelConfig,
  { lastLayers, embeddings, frozen }: Omit<TrainedPart, 'seed'>,
): IsFrozen {
  if (lastLayers > config.layers)
    refuse('lastLayers', `must be at most ${config.layers}: this model has no more blocks`)
  const [idle] = idlePatterns(frozen, Object.keys(trunkSpec(config)))
  if (idle !== undefined)
    refuse(
      'frozen',
      `“${idle}” means none of this model’s weights; their names are like ` +
        `${Object.keys(trunkSpec(config)).at(-1)}`,
    )
  const isMeant = matcher(frozen)
  return (name, shape) => {
    const block = blockOf(name)
    const isEmbedding = block === undefined && shape.length === 2 && !isDecayed(name, shape)
    const isBefore =
      lastLayers > 0 && (block === undefined ? isEmbedding : block < config.layers - lastLayers)
    return isBefore || (isEmbedding && embeddings === 'frozen') || isMeant(name)
  }
}

function adapterOf(config: ModelConfig, settings: Omit<TrainedPart, 'seed'>, name: string): Adapter {
  const {
    loraRank: rank,
    loraAlpha: alpha,
    loraScaling: scaling,
    loraDropout: dropout = 0,
    loraTargets,
  } = settings
  const all = projectionsOf(config)
  const isFrozen = frozenIn(config, settings)
  const isTarget = matcher(loraTargets)
  const [idle] = idlePatterns(loraTargets, all)
  if (idle !== undefined)
    refuse(
      'loraTargets',
      `“${idle}” means none of this model’s projections; its first are ${all.slice(0, 4).join(', ')}`,
    )
  const projections = all.filter(
    (projection) => isTarget(projection) && !isFrozen(`${projection}.weight`, [0, 0]),
  )
  if (projections.length === 0) refuse('loraTargets', 'are all frozen: no projection is left for an adapter')
  return { name, rank, alpha, scaling, dropout, projections }
}

/**
 * What some rows of one update leave out of the adapter's inputs, as tensors of their batch; none without
 * dropout. `withDropout` puts them where the network looks.
 */
export function dropped(
  { config, adapters = [] }: Model,
  rows: RowsDrawn,
  seed: number,
  step: number,
): Batch {
  const adapter = adapters.at(-1)
  return adapter && adapter.dropout > 0
    ? dropoutMasks(config, adapter, rows, (row) => seeded(seed, 'dropout', step, row))
    : {}
}
