/** What devices say that have no products with 8-bit weights, or none that anybody has tried. */
import { DeviceFailure } from './device-failure'
import { heldIn } from './eight-bit-parameters'
import type { Program } from './engine'
import type { Parameters } from './parameters'

/** The program, which refuses to freeze its weights in 8 bits, and weights that are held so. */
export function withoutEightBits(program: Program): Program {
  return {
    ...program,
    run(parameters, batch, into) {
      refuseHeld(parameters)
      return program.run(parameters, batch, into)
    },
    runParts(parameters, parts, partsAtOnce) {
      refuseHeld(parameters)
      return program.runParts(parameters, parts, partsAtOnce)
    },
    freeze(parameters, format = 'as-they-are') {
      if (format === '8-bit')
        throw new DeviceFailure(
          'Only the compiled CPU writes with 8-bit weights: choose the device “cpu”, or the weights as ' +
            'they are.',
        )
      refuseHeld(parameters)
      return program.freeze(parameters)
    },
  }
}

/** Weights that are held in 8 bits. @throws DeviceFailure */
export function refuseHeld(parameters: Parameters): void {
  if (heldIn(parameters).size > 0)
    throw new DeviceFailure(
      'Only the compiled CPU trains on frozen weights in 8 bits: choose the device “cpu”, or 32-bit frozen weights.',
    )
}
