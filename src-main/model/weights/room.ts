/**
 * Memory for a model that is in a file: refused in words where the machine has too little, rather than found
 * out half-way.
 */
import { bytesText } from '../../../src-shared/sizes'
import { machineMemory } from '../../compute/machine-memory'
import { allocateInEightBits, bytesHeld, type WayRound } from '../../compute/eight-bit-parameters'
import { allocate, countOf, type Parameters, type ParameterSpec } from '../../compute/parameters'
import { believed, refuse } from './refusal'

/** Left to the system and to the studio itself. */
const usableShare = 0.9

/**
 * @param wayRound of what is to be held in 8 bits
 * @returns fresh parameters, all zero.
 * @throws WeightsError when they are more, or one tensor is larger, than can be held
 */
export function roomFor(
  spec: ParameterSpec,
  { totalBytes } = machineMemory(),
  wayRound?: WayRound,
): Parameters {
  const count = countOf(spec)
  const bytes = wayRound ? bytesHeld(spec, wayRound) : count * Float32Array.BYTES_PER_ELEMENT
  if (bytes > usableShare * totalBytes)
    refuse(
      `its ${(count / 1e6).toFixed(0)} million parameters take ${bytesText(bytes)} of memory, and this ` +
        `machine has ${bytesText(totalBytes)}: choose a smaller model`,
    )
  return believed(() => (wayRound ? allocateInEightBits(spec, wayRound) : allocate(spec)))
}
