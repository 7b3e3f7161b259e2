/** Parts of a batch on devices that compute one at a time. */
import type { Program } from './engine'

export const inTurn =
  (run: Program['run']): Program['runParts'] =>
  async (parameters, parts) => {
    const answers = []
    for (const part of parts) answers.push(await run(parameters, part))
    return answers
  }
