/**
 * Checksums of a safetensors file that this program wrote: CRC-32 (ISO 3309) of each tensor's bytes and of what the
 * header says, kept in the header's metadata. Any one flipped bit is found when the file is read (Koopman 2002); they
 * are no defence against someone who changes a file on purpose.
 */
import { crc32 } from 'node:zlib'
import { refuse } from './refusal'
import type { HeldTensor, SafetensorsFile } from './safetensors'
import { changed } from './stored-tensor'

type Shapes = Iterable<readonly [name: string, tensor: { readonly shape: readonly number[] }]>

const key = 'checksums'

/** @returns the metadata with the checksums of a file that holds these tensors in this order */
export function withChecksums(
  tensors: ReadonlyMap<string, HeldTensor>,
  metadata: Readonly<Record<string, string>>,
): Record<string, string> {
  const sums = Object.fromEntries([...tensors].map(([name, { data }]) => [name, crc32(data)]))
  const header = headerSum(Object.entries(metadata), tensors)
  return { ...metadata, [key]: JSON.stringify({ header, tensors: sums }) }
}

/**
 * The file, each tensor with the sum that its bytes must have. A file without checksums is older than they are.
 * @throws WeightsError when its header is not as it was written
 */
export function checked(file: SafetensorsFile): SafetensorsFile {
  const stored = file.metadata.get(key)
  if (stored === undefined) return file
  const { header, tensors: sums } = parsed(stored)
  const rest = [...file.metadata].filter(([name]) => name !== key)
  if (header !== headerSum(rest, file.tensors)) refuse(`its header ${changed}`)
  return {
    metadata: file.metadata,
    tensors: new Map(
      [...file.tensors].map(([name, tensor]) => [
        name,
        { ...tensor, checksum: sums[name] ?? refuse(`the tensor "${name}" has no checksum`) },
      ]),
    ),
  }
}

const headerSum = (metadata: readonly (readonly [string, string])[], tensors: Shapes): number =>
  crc32(JSON.stringify([metadata, [...tensors].map(([name, { shape }]) => [name, shape])]))

function parsed(stored: string): {
  readonly header: unknown
  readonly tensors: Readonly<Record<string, number>>
} {
  try {
    const { header, tensors } = JSON.parse(stored) as Record<string, unknown>
    if (typeof tensors === 'object' && tensors !== null)
      return { header, tensors: tensors as Readonly<Record<string, number>> }
  } catch {
    // said below
  }
  return refuse(`its header ${changed}`)
}
