/** What devices say that have no products with 8-bit weights, or none that anybody has tried. */
import { DeviceFailure } from './device-failure'
import type { Program } from './engine'

/** The program, which refuses to freeze its weights in 8 bits. */
export function withoutEightBits(program: Program): Program {
  return {
    ...program,
    freeze(parameters, format = 'as-they-are') {
      if (format === '8-bit')
        throw new DeviceFailure(
          'Only the compiled CPU writes with 8-bit weights: choose the device “cpu”, or the weights as ' +
            'they are.',
        )
      return program.freeze(parameters)
    },
  }
}
