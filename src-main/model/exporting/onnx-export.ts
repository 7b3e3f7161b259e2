/**
 * A folder that transformers.js loads, in a browser or in Node: onnx/model.onnx with a key-value cache, and
 * everything but the weights as for Hugging Face.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { StudioFailure } from '../../../src-shared/result'
import { modelPieces } from '../../compute/lower/onnx'
import type { LanguageModel } from '../model'
import { writeDescription } from './hugging-face-export'
import type { Terms } from '../importing/model-card'
import { decoderGraph, type ExportableConfig } from './onnx-decoder'
import { writeWhole } from '../weights/whole-file'

/** A protocol buffer has no place for more. */
const mostBytes = 2 ** 31 - 1

/** @param model without adapters. @throws StudioFailure when it is larger than an ONNX file can be */
export async function writeOnnxFolder(
  folder: string,
  model: LanguageModel & { readonly config: ExportableConfig },
  terms: Terms,
): Promise<void> {
  const pieces = modelPieces(decoderGraph(model.config, model.parameters))
  if (pieces.reduce((bytes, piece) => bytes + piece.length, 0) > mostBytes)
    throw new StudioFailure({
      kind: 'invalid-input',
      field: 'format',
      problem: 'cannot be ONNX: such a file holds at most 2 GB, and this model is larger.',
    })
  await writeDescription(
    folder,
    model,
    terms,
    { 'transformers.js_config': { dtype: 'fp32' } },
    'transformers.js',
  )
  await mkdir(join(folder, 'onnx'))
  await writeWhole(join(folder, 'onnx/model.onnx'), fewer(pieces))
}

const smallBytes = 2 ** 16

/** Joins small pieces: a graph is tens of thousands of them. */
function* fewer(pieces: readonly Uint8Array[]): Generator<Uint8Array> {
  let held: Uint8Array[] = []
  let bytes = 0
  for (const piece of pieces) {
    held.push(piece)
    bytes += piece.length
    if (bytes < smallBytes) continue
    if (held.length > 1) yield Buffer.concat(held.slice(0, -1))
    yield piece
    held = []
    bytes = 0
  }
  yield Buffer.concat(held)
}
