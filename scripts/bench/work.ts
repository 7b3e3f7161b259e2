/** The work that all peers do: one model and one batch, written to files so that a peer in another language starts from the same numbers. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Batch } from '../../src-main/compute/engine'
import { allocate, type Parameters } from '../../src-main/compute/parameters'
import { seeded } from '../../src-main/maths/random'

import type { GptConfig } from '../../src-main/model/model'
import { initialise, trunkSpec } from '../../src-main/model/trunk-parameters'

/** About 0.8M parameters: minGPT's gpt-micro over 96 characters. */
export const config: GptConfig = { architecture: 'gpt', layers: 4, heads: 4, width: 128, contextTokens: 64, vocabulary: 96, isTied: true }
export const batchRows = 64
export const learningRate = 1e-3
export const optimizer = { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1, clipNorm: 1 } as const

export function freshParameters(): Parameters {
  const parameters = allocate(trunkSpec(config))
  initialise(parameters, config, seeded('bench', 'weights'))
  return parameters
}

/** Token ids of a batch, one longer than the context: int32 [rows, time + 1]. */
export function tokenIds(): Batch[string] {
  const random = seeded('bench', 'ids')
  const data = Int32Array.from({ length: batchRows * (config.contextTokens + 1) }, () => Math.floor(random() * config.vocabulary))
  return { shape: [batchRows, config.contextTokens + 1], data }
}

/** Writes what a peer in another language reads. */
export function writeWork(folder: string): void {
  mkdirSync(folder, { recursive: true })
  const parameters = freshParameters()
  writeFileSync(path.join(folder, 'work.json'), JSON.stringify({ ...config, batchRows, learningRate, ...optimizer, spec: parameters.spec }))
  writeFileSync(path.join(folder, 'weights.f32'), bytesOf(parameters.flat))
  writeFileSync(path.join(folder, 'ids.i32'), bytesOf(tokenIds().data))
}

const bytesOf = (values: Float32Array | Int32Array): Buffer => Buffer.from(values.buffer, values.byteOffset, values.byteLength)

export const packageVersion = (name: string): string => (JSON.parse(readFileSync(path.join(process.cwd(), 'node_modules', name, 'package.json'), 'utf8')) as { version: string }).version
