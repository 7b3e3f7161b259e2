/** The training step that is measured, on any engine. */
import type { Engine } from '../../src-main/compute/engine'
import * as tf from '../../src-main/compute/tf'
import { tokenLogProbs } from '../../src-main/model/language-model'
import { isDecayed } from '../../src-main/model/trunk-parameters'
import { servePeer } from './serve-peer'
import { freshParameters, learningRate, optimizer, tokenIds, type Work, works } from './work'

/** Does one step, says its loss, and then as many as it is told to. */
export async function serveSteps(engine: Engine, name: string, work: Work = works.small): Promise<void> {
  const step = engine.trainStep(freshParameters(work), (weights, { ids }) => ({ loss: tf.neg(tf.mean(tokenLogProbs(work.config, weights, ids!))) as tf.Scalar }), { ...optimizer, isDecayed })
  const batch = { ids: tokenIds(work) }
  const { loss } = await step.update(batch, learningRate)
  await servePeer({ name, check: loss! }, async () => { await step.update(batch, learningRate) })
}
