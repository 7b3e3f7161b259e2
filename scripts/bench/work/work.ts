/**
 * The work that all peers do: a model and a batch, written to files so that a peer in another language starts
 * from the same numbers.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Batch } from '../../../src-main/compute/engine'
import { allocate, type Parameters } from '../../../src-main/compute/parameters'
import { seeded } from '../../../src-main/maths/random'
import type { GptConfig } from '../../../src-main/model/architectures/gpt-parameters'
import { initialise, trunkSpec } from '../../../src-main/model/trunk-parameters'

export interface Work {
  readonly config: GptConfig
  /** Of a training batch. */
  readonly rows: number
  readonly tokens: number
}

export const works = {
  /** About 0.8M parameters: minGPT's gpt-micro over 96 characters. */
  small: {
    config: {
      architecture: 'gpt',
      layers: 4,
      heads: 4,
      width: 128,
      contextTokens: 64,
      vocabulary: 96,
      isTied: true,
    },
    rows: 64,
    tokens: 64,
  },
  /** GPT-2's smallest, 124M parameters. */
  gpt2: {
    config: {
      architecture: 'gpt',
      layers: 12,
      heads: 12,
      width: 768,
      contextTokens: 1024,
      vocabulary: 50_257,
      isTied: true,
    },
    rows: 1,
    tokens: 128,
  },
} as const satisfies Record<string, Work>

export type WorkName = keyof typeof works

/** @throws Error when there is no such work */
export function workNamed(name: string | undefined): Work {
  const work = Object.entries(works).find(([known]) => known === name)?.[1]
  if (!work) throw new Error(`there is no work "${name}": ${Object.keys(works).join(', ')}`)
  return work
}

export const learningRate = 1e-3
export const optimizer = { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1, clipNorm: 1 } as const

export function freshParameters({ config }: Work): Parameters {
  const parameters = allocate(trunkSpec(config))
  initialise(parameters, config, seeded('bench', 'weights'))
  return parameters
}

/** Token ids of a batch, one longer than what is read: int32 [rows, tokens + 1]. */
export function tokenIds({ config, rows, tokens }: Work): Batch[string] {
  const random = seeded('bench', 'ids')
  const data = Int32Array.from({ length: rows * (tokens + 1) }, () =>
    Math.floor(random() * config.vocabulary),
  )
  return { shape: [rows, tokens + 1], data }
}

/**
 * Floating-point operations of one training step in its matrix products: 6 a weight and token, and 12 a
 * layer, channel and pair of positions (Chowdhery et al. 2022, App. B), with all pairs counted, also those
 * that the mask hides.
 */
export function stepFlops({ config: { layers, width, vocabulary }, rows, tokens }: Work): number {
  return rows * tokens * (6 * (12 * layers * width ** 2 + vocabulary * width) + 12 * layers * width * tokens)
}

/** Writes what a peer in another language reads. */
export function writeWork(folder: string, work: Work): void {
  mkdirSync(folder, { recursive: true })
  const parameters = freshParameters(work)
  const { config, rows, tokens } = work
  writeFileSync(
    path.join(folder, 'work.json'),
    JSON.stringify({
      ...config,
      rows,
      tokens,
      learningRate,
      ...optimizer,
      stepFlops: stepFlops(work),
      spec: parameters.spec,
    }),
  )
  writeFileSync(path.join(folder, 'weights.f32'), bytesOf(parameters.flat))
  writeFileSync(path.join(folder, 'ids.i32'), bytesOf(tokenIds(work).data))
}

const bytesOf = (values: Float32Array | Int32Array): Buffer =>
  Buffer.from(values.buffer, values.byteOffset, values.byteLength)

export const packageVersion = (name: string): string =>
  (
    JSON.parse(readFileSync(path.join(process.cwd(), 'node_modules', name, 'package.json'), 'utf8')) as {
      version: string
    }
  ).version
