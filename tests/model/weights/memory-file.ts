/** Files that are bytes in memory, and all of a safetensors file at once. */
import { sizeOf } from '../../../src-main/compute/parameters'
import type { ByteFile } from '../../../src-main/model/weights/byte-file'
import { refuse } from '../../../src-main/model/weights/refusal'
import { readSafetensors, type HeldTensor } from '../../../src-main/model/weights/safetensors'
import { readNumbers, type StoredTensor } from '../../../src-main/model/weights/stored-tensor'

export const memoryFile = (bytes: Uint8Array): ByteFile => ({
  name: 'in memory',
  size: bytes.length,
  read: async (at, length) =>
    at + length > bytes.length
      ? refuse(`the file is cut short: byte ${at + length} is wanted, it has ${bytes.length}`)
      : bytes.slice(at, at + length),
  close: async () => {},
})

export async function numbersOf(tensor: StoredTensor): Promise<Float32Array> {
  const numbers = new Float32Array(sizeOf(tensor.shape))
  await readNumbers(tensor, numbers)
  return numbers
}

export async function decodeSafetensors(
  bytes: Uint8Array,
): Promise<{ tensors: Map<string, HeldTensor>; metadata: Record<string, string> }> {
  const { tensors, metadata } = await readSafetensors(memoryFile(bytes))
  const held = new Map<string, HeldTensor>()
  for (const [name, tensor] of tensors) held.set(name, { shape: tensor.shape, data: await numbersOf(tensor) })
  return { tensors: held, metadata: Object.fromEntries(metadata) }
}
