/**
 * Which of a model's weights stand in 8 bits, where a run asks for frozen weights in 8 bits: its matrices, embeddings
 * and output matrix among them. Norms, biases and heads keep their digits.
 */
import { allocateInEightBits, heldIn, type WayRound } from '../../compute/eight-bit-parameters'
import { rowsTogether, writeRows } from '../../compute/eight-bits'
import { layersOf, overlay, type Parameters } from '../../compute/parameters'
import { rememberSame } from '../adapters/adapter-file'
import { isStoredBack } from '../adapters/adapter-targets'
import type { Model, ModelConfig } from '../model'
import { isDecayed, trunkSpec } from '../trunk-parameters'
import { readPieces, type StoredTensor } from './stored-tensor'

export function wayRoundOf(config: ModelConfig): WayRound {
  const trunk = trunkSpec(config)
  return (name, shape) => {
    if (shape.length !== 2 || !Object.hasOwn(trunk, name)) return undefined
    const isBack = !isDecayed(name, shape) || isStoredBack(name.slice(0, -'.weight'.length))
    return isBack ? 'out-in' : 'in-out'
  }
}

/**
 * Reads one tensor into parameters of which large matrices are held in 8 bits, in pieces.
 * @param onNumbers is given all of its numbers, in order
 */
export async function readInto(
  parameters: Parameters,
  tensor: StoredTensor,
  onNumbers: (numbers: Float32Array) => void,
): Promise<void> {
  const held = parameters.held(tensor.name)
  const columns = tensor.shape[1] ?? 1
  const view = held ? undefined : parameters.view(tensor.name)
  await readPieces(tensor, held ? rowsTogether(held) * columns : 1, (piece, start) => {
    if (held) writeRows(held, piece, start / columns)
    else view?.set(piece, start)
    onNumbers(piece)
  })
}

const made = new WeakMap<Parameters, Parameters>()

/** The same model on frozen weights in 8 bits, what lies on top of them as it is; itself where they are already. */
export function heldInEightBits<M extends Model>(model: M): M {
  if (heldIn(model.parameters).size > 0) return model
  return { ...model, parameters: inEightBitsBelow(model.parameters, wayRoundOf(model.config)) }
}

function inEightBitsBelow(parameters: Parameters, wayRound: WayRound): Parameters {
  const layers = layersOf(parameters)
  const held =
    made.get(parameters) ??
    (layers ? overlay(inEightBitsBelow(layers.frozen, wayRound), layers.own) : copied(parameters, wayRound))
  made.set(parameters, held)
  return held
}

function copied(parameters: Parameters, wayRound: WayRound): Parameters {
  const copy = allocateInEightBits(parameters.spec, wayRound)
  for (const name of Object.keys(parameters.spec)) {
    const held = copy.held(name)
    if (held) writeRows(held, parameters.view(name), 0)
    else copy.view(name).set(parameters.view(name))
  }
  rememberSame(copy, parameters)
  return copy
}
