/** The training step that is measured, on any engine. */
import type { Batch, Engine, HostTensor } from '../../src-main/compute/engine'
import * as tf from '../../src-main/compute/tf'
import { tokenLogProbs } from '../../src-main/model/language-model'
import { isDecayed } from '../../src-main/model/trunk-parameters'
import { servePeer } from './serve-peer'
import { freshParameters, learningRate, optimizer, tokenIds, type Work, works } from './work'

/** Does one step, says its loss, and then as many as it is told to. */
export async function serveSteps(engine: Engine, name: string, work: Work = works.small): Promise<void> {
  const parameters = freshParameters(work), tokens = work.rows * work.tokens
  const step = engine.trainStep(parameters, (weights, { ids }) => ({ loss: tf.div(tf.neg(tf.sum(tokenLogProbs(work.config, weights, ids!))), tokens) as tf.Scalar }), { ...optimizer, isDecayed })
  const parts = inParts(tokenIds(work), Math.min(engine.partsAtOnce(parameters), work.rows))
  const { loss } = await step.update(parts, learningRate)
  await servePeer({ name, check: loss! }, async () => { await step.update(parts, learningRate) })
}

/** Rows in parts of one size, where they can be. */
function inParts({ shape: [rows = 0, length = 0], data }: HostTensor, count: number): Batch[] {
  const size = Math.ceil(rows / count)
  return Array.from({ length: Math.ceil(rows / size) }, (_, part) => {
    const ids = data.slice(part * size * length, (part + 1) * size * length)
    return { ids: { shape: [ids.length / length, length], data: ids } }
  })
}
