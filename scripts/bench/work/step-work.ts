/** The training step that is measured, on any engine. */
import type {
  Engine,
  HostBatch,
  HostTensor,
  Int2D,
  LossAndScalars,
  TrainingWay,
  Weights,
} from '../../../src-main/compute/engine'
import { allocate, type Parameters } from '../../../src-main/compute/parameters'
import * as tf from '../../../src-main/compute/tf'
import { seeded } from '../../../src-main/maths/random'
import { adapterSpec, initialiseAdapter, withAdapters } from '../../../src-main/model/adapters/adapters'
import { tokenLogProbs } from '../../../src-main/model/language-model'
import type { Adapter } from '../../../src-main/model/model'
import { isDecayed } from '../../../src-main/model/trunk-parameters'
import { servePeer } from '../peers/serve-peer'
import { freshParameters, learningRate, optimizer, tokenIds, type Work, works } from './work'

/** What may be different from the plain step. */
export interface StepWay extends Partial<TrainingWay> {
  /**
   * An adapter of rank 8 on queries, keys, values and what attention gives back is trained, and nothing else.
   */
  readonly hasAdapter?: boolean
  /** Parts of a batch; as many as the device computes at once, unless told. */
  readonly parts?: number
}

/** Does one step, says its loss and the most memory it took, and then as many as it is told to. */
export async function serveSteps(
  engine: Engine,
  name: string,
  work: Work = works.small,
  { hasAdapter = false, parts, recomputes = false }: StepWay = {},
): Promise<void> {
  const parameters = hasAdapter ? adapted(work) : freshParameters(work)
  const step = engine.trainStep(parameters, lossOf(work), { ...optimizer, isDecayed }, { recomputes })
  const batch = inParts(tokenIds(work), Math.min(parts ?? engine.partsAtOnce(parameters), work.rows))
  const { loss } = await step.update(batch, learningRate)
  await servePeer(
    { name, check: loss!, mebibytes: Math.round(process.resourceUsage().maxRSS / 1024) },
    async () => {
      await step.update(batch, learningRate)
    },
  )
}

/** Mean over all tokens of the batch, of which a part may be given. */
export const lossOf =
  ({ config, rows, tokens }: Work) =>
  (weights: Weights, { ids }: { readonly ids: Int2D }): LossAndScalars => ({
    loss: tf.div(tf.neg(tf.sum(tokenLogProbs(config, weights, ids))), rows * tokens) as tf.Scalar,
  })

function adapted(work: Work): Parameters {
  const adapter: Adapter = {
    name: 'bench',
    rank: 8,
    alpha: 16,
    scaling: 'by-rank',
    dropout: 0,
    projections: Array.from({ length: work.config.layers }, (_, layer) =>
      ['c_attn', 'c_proj'].map((part) => `transformer.h.${layer}.attn.${part}`),
    ).flat(),
  }
  const own = allocate(adapterSpec(work.config, adapter))
  initialiseAdapter(own, adapter, seeded('bench', 'adapter'))
  return withAdapters(freshParameters(work), [adapter], own)
}

/** Rows in parts of one size, where they can be. */
function inParts(
  { shape: [rows = 0, length = 0], data }: HostTensor,
  count: number,
): HostBatch<{ ids: Int2D }>[] {
  const size = Math.ceil(rows / count)
  return Array.from({ length: Math.ceil(rows / size) }, (_, part) => {
    const ids = data.slice(part * size * length, (part + 1) * size * length)
    return { ids: { shape: [ids.length / length, length], data: ids } }
  })
}
