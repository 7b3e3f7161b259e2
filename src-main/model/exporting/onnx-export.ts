/**
 * A folder that transformers.js loads, in a browser or in Node: onnx/model.onnx with a key-value cache, and
 * everything but the weights as for Hugging Face.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { modelPieces } from '../../compute/lower/onnx'
import { merged } from '../adapters/adapters'
import type { LanguageModel, ModelConfig } from '../model'
import { architectureOf } from '../model-config'
import { writeDescription } from './hugging-face-export'
import type { Terms } from '../importing/model-card'
import { refuseArchitecture, type WrittenFormat } from './format'
import { refuseFormat } from './refuse-format'
import { decoderGraph } from './onnx-decoder'
import type { OnnxForm } from './onnx-form'
import { writeWhole } from '../weights/whole-file'

/** A protocol buffer has no place for more. */
const mostBytes = 2 ** 31 - 1

export const onnxExport: WrittenFormat = {
  writing(model, terms) {
    const { kind, config } = model
    const form = architectureOf(config).onnx
    if (!form) return refuseArchitecture(config, 'onnx')
    if (kind === 'reward-model')
      return refuseFormat('holds language models only; a reward model goes to Hugging Face’s format.')
    const whole = model.adapters?.length ? merged(model) : model
    return (folder) => writeOnnxFolder(folder, { ...whole, kind }, form, terms)
  },
}

/** @param model without adapters. @throws StudioFailure when it is larger than an ONNX file can be */
async function writeOnnxFolder(
  folder: string,
  model: LanguageModel,
  form: OnnxForm<ModelConfig>,
  terms: Terms,
): Promise<void> {
  const pieces = modelPieces(decoderGraph(form, model.config, model.parameters))
  if (pieces.reduce((bytes, piece) => bytes + piece.length, 0) > mostBytes)
    refuseFormat('cannot be ONNX: such a file holds at most 2 GB, and this model is larger.')
  await writeDescription(
    folder,
    model,
    terms,
    { 'transformers.js_config': { dtype: 'fp32' } },
    { library: 'transformers.js' },
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
