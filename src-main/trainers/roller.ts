/** Who draws a rollout and measures it: the policy writes, and all models read what it wrote. */
import type { Prompt } from '../../src-shared/records/turn'
import type { Engine } from '../compute/engine'
import { openTextWriter, type Sampling } from '../model/writing/generation'
import { openMaskedWriter } from '../model/writing/mixture-writer'
import { leavesOut } from '../model/writing/sampling'
import type { LengthPlan } from './real-lengths'
import type { Drawn, Measuring, RollerModels } from './rollout'
import { openMeasures } from './rollout-measures'

export interface Roller {
  /**
   * @param sampling with the seed of this rollout's draws
   * @param updates by index: in which updates the completions are first learned from. They are measured in those very
   *   parts, so that ρ is exactly 1 there; all together where that is not known
   */
  roll(
    prompts: readonly Prompt[],
    sampling: Sampling,
    updates?: readonly (readonly number[])[],
  ): Promise<readonly Drawn[]>
  dispose(): void
}

export function openRoller(
  engine: Engine,
  models: RollerModels,
  plan: LengthPlan,
  measuring: Measuring,
): Roller {
  const { policy, mask } = models
  const writer = mask
    ? openMaskedWriter(engine, policy, mask.model, mask.topP)
    : openTextWriter(engine, policy)
  const measures = openMeasures(engine, models, plan, measuring)
  return {
    async roll(prompts, sampling, updates = [prompts.map((_, index) => index)]) {
      const completions = await writer.generate(prompts, sampling, {
        keepAllowed: leavesOut(sampling) || mask !== undefined,
      })
      return measures.of(completions, updates)
    },
    dispose() {
      writer.dispose()
      measures.dispose()
    },
  }
}
