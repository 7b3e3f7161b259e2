/**
 * One step of trust-region policy optimization: the natural gradient by conjugate gradient, as long as the trust
 * region allows, shortened until it gains and stays inside.
 *
 *   maximise L(θ) = Σ w · Â · ρ   so that   mean KL(π_old ‖ π) ≤ δ
 *   F·x = ∇L,   θ ← θ + √(2δ / xᵀFx) · x,   F·v = Jᵀ·(diag p − p·pᵀ)·(J·v)
 *
 * J·v, how the logits move along v, is the difference of two readings; the rest is one gradient. Source: Schulman et
 * al. 2015, "Trust Region Policy Optimization", §6 and App. C.
 */
import type { TrpoSettings } from '../../src-shared/recipes/trpo'
import type { Engine, Float3D, HostBatch, HostTensor, Int2D, Tensors, Weights } from '../compute/engine'
import { trainedPart, type Parameters } from '../compute/parameters'
import * as tf from '../compute/tf'
import { conjugateGradient, dot } from '../maths/conjugate-gradient'
import { klDivergence } from '../maths/kl'
import { chosenLogProbs, nextTokenLogitsOf, readStates } from '../model/language-model'
import type { LanguageModel } from '../model/model'
import { openGradient } from './gradient'
import type { GrpoBatch } from './grpo-update'
import { drawnFrom } from './rollout'

/** Largest change of a number of the model by which logits are told to move. */
const probe = 1e-2
/** Each try of the line search is this share of the last. */
const shorter = 0.8

export interface TrpoStep {
  /** @returns what the step gained, its KL and its length; 0 where none was taken */
  take(
    parts: readonly HostBatch<GrpoBatch>[],
  ): Promise<Readonly<Record<'gained' | 'kl' | 'norm' | 'share', number>>>
  dispose(): void
}

export function openTrpoStep(engine: Engine, policy: LanguageModel, settings: TrpoSettings): TrpoStep {
  const logitsOf = (weights: Weights, ids: tf.Tensor): tf.Tensor3D =>
    nextTokenLogitsOf(
      policy.config,
      weights,
      readStates(policy.config, weights, ids),
      drawnFrom(policy, settings.temperature),
    )
  const gains = (weights: Weights, { ids, mask, logProbs, advantages, weights: counts }: GrpoBatch) => {
    const logits = logitsOf(weights, ids)
    const ratio = tf.exp(tf.mul(tf.sub(chosenLogProbs(logits, ids), logProbs), mask))
    return { logits, gain: tf.sum<tf.Scalar>(tf.mul(tf.mul(ratio, advantages), counts)) }
  }
  // one step has the parameters: what it is the gradient of, its batch says
  const slope = openGradient<SlopeBatch>(engine, policy.parameters, (weights, batch) =>
    batch.pull ? tf.sum(tf.mul(logitsOf(weights, batch.ids), batch.pull)) : gains(weights, whole(batch)).gain,
  )
  const reads = engine.program<{ ids: Int2D }>((weights, { ids }) => ({ logits: logitsOf(weights, ids) }))
  const tries = engine.program<GrpoBatch & { old: Float3D }>((weights, batch): Tensors => {
    const { logits, gain } = gains(weights, batch)
    const kl = tf.sum(tf.mul(klDivergence(batch.old, logits), batch.mask))
    return { gain, kl: tf.mul(kl, batch.share) }
  })
  const home = trainedPart(policy.parameters)
  const start = new Float32Array(home.count)

  async function logits(parts: readonly HostBatch<GrpoBatch>[]): Promise<readonly HostTensor[]> {
    const all: HostTensor[] = []
    for (const { ids } of parts)
      all.push((await reads.run(policy.parameters, { ids }))['logits'] as HostTensor)
    return all
  }

  /** (F + damping)·v at the start, over all parts. */
  async function fisher(parts: readonly HostBatch<GrpoBatch>[], old: readonly HostTensor[], v: Float32Array) {
    const step = probe / v.reduce((most, each) => Math.max(most, Math.abs(each)), 1e-30)
    write(home, start, v, step)
    const there = await logits(parts)
    write(home, start, v, -step)
    const back = await logits(parts)
    write(home, start, v, 0)
    const pulls = parts.map(({ ids, mask, share }, part) => ({
      ids,
      pull: curved(old[part] as HostTensor, there[part] as HostTensor, back[part] as HostTensor, {
        mask: mask.data,
        scale: (share.data[0] as number) / (2 * step),
      }),
    }))
    const product = await slope.of(pulls)
    return product.map((each, i) => each + settings.damping * (v[i] as number))
  }

  return {
    async take(parts) {
      read(home, start)
      const old = await logits(parts)
      const gradient = await slope.of(parts)
      const direction = await conjugateGradient((v) => fisher(parts, old, v), gradient, settings.solverSteps)
      const curvature = dot(direction, await fisher(parts, old, direction))
      const norm = Math.sqrt(dot(gradient, gradient))
      const nothing = { gained: 0, kl: 0, norm, share: 0 }
      if (!(curvature > 0)) return nothing
      const whole = Math.sqrt((2 * settings.trustRegion) / curvature)
      const before = await measured(parts, old)
      for (let attempt = 0; attempt < settings.lineSearch; attempt++) {
        const share = shorter ** attempt
        write(home, start, direction, whole * share)
        const { gain, kl } = await measured(parts, old)
        if (gain > before.gain && kl <= settings.trustRegion)
          return { gained: gain - before.gain, kl, norm, share }
      }
      write(home, start, direction, 0)
      return nothing
    },
    dispose() {
      for (const each of [slope, reads, tries]) each.dispose()
    },
  }

  async function measured(parts: readonly HostBatch<GrpoBatch>[], old: readonly HostTensor[]) {
    const sums = { gain: 0, kl: 0 }
    for (const [index, part] of parts.entries()) {
      const said = await tries.run(policy.parameters, { ...part, old: old[index] as HostTensor })
      sums.gain += said['gain']?.data[0] as number
      sums.kl += said['kl']?.data[0] as number
    }
    return sums
  }
}

/** Of the gain, or of the logits times what they are pulled at. */
type SlopeBatch = { ids: Int2D; pull?: Float3D } & Partial<GrpoBatch>

function whole(batch: SlopeBatch): GrpoBatch {
  const { mask, logProbs, referenceLogProbs, advantages, weights, share } = batch
  if (!mask || !logProbs || !referenceLogProbs || !advantages || !weights || !share)
    throw new Error('a batch of which nothing is pulled at is a whole rollout’s')
  return { ids: batch.ids, mask, logProbs, referenceLogProbs, advantages, weights, share }
}

/** (diag p − p·pᵀ)·(J·v) at each drawn token: [rows, time, V]. */
function curved(
  old: HostTensor,
  there: HostTensor,
  back: HostTensor,
  { mask, scale }: { readonly mask: ArrayLike<number>; readonly scale: number },
): HostTensor {
  const vocabulary = old.shape.at(-1) as number
  const data = new Float32Array(old.data.length)
  for (let place = 0; place < mask.length; place++) {
    if (mask[place] === 0) continue
    const from = place * vocabulary
    const p = softmax(old.data.subarray(from, from + vocabulary))
    let mean = 0
    for (let v = 0; v < vocabulary; v++) {
      data[from + v] = (there.data[from + v] as number) - (back.data[from + v] as number)
      mean += (p[v] as number) * (data[from + v] as number)
    }
    for (let v = 0; v < vocabulary; v++)
      data[from + v] = (p[v] as number) * ((data[from + v] as number) - mean) * scale
  }
  return { shape: old.shape, data }
}

function softmax(logits: ArrayLike<number>): Float64Array {
  const most = Array.from(logits).reduce((found, each) => Math.max(found, each), -Infinity)
  const weights = Float64Array.from(logits, (each) => Math.exp(each - most))
  const total = weights.reduce((sum, each) => sum + each, 0)
  return weights.map((each) => each / total)
}

/** All numbers of the parameters, tensor by tensor. */
function read({ spec, view }: Parameters, into: Float32Array): void {
  let at = 0
  for (const name of Object.keys(spec)) {
    const values = view(name)
    into.set(values, at)
    at += values.length
  }
}

/** Parameters at start + scale · along; exactly the start where scale is 0. */
function write({ spec, view }: Parameters, start: Float32Array, along: Float32Array, scale: number): void {
  let at = 0
  for (const name of Object.keys(spec)) {
    const values = view(name)
    for (let i = 0; i < values.length; i++, at++)
      values[i] = (start[at] as number) + (scale === 0 ? 0 : scale * (along[at] as number))
  }
}
