/**
 * Memory for a model that is in a file: refused in words where the machine has too little, rather than found
 * out half-way.
 */
import { bytesText } from '../../../src-shared/sizes'
import { machineMemory } from '../../compute/machine-memory'
import { allocate, countOf, type Parameters, type ParameterSpec } from '../../compute/parameters'
import { believed, refuse } from './refusal'

/** Left to the system and to the studio itself. */
const usableShare = 0.9

/**
 * @returns fresh parameters, all zero.
 * @throws WeightsError when they are more, or one tensor is larger, than can be held
 */
export function roomFor(spec: ParameterSpec, { totalBytes } = machineMemory()): Parameters {
  const count = countOf(spec)
  const bytes = count * Float32Array.BYTES_PER_ELEMENT
  if (bytes > usableShare * totalBytes)
    refuse(
      `its ${(count / 1e6).toFixed(0)} million parameters take ${bytesText(bytes)} of memory, and this ` +
        `machine has ${bytesText(totalBytes)}: choose a smaller model`,
    )
  return believed(() => allocate(spec))
}
