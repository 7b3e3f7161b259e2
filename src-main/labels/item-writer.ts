/**
 * Writes items for queues that are not judged in pairs: one completion of a prompt, or several that differ. Prompts are
 * taken as for pairs.
 */
import { labelModes } from '../../src-shared/label-modes/modes'
import type { ComparisonSide, LabelQueue, Writer } from '../../src-shared/records/comparison'
import { fewestCompletions } from '../../src-shared/records/labelling'
import type { Prompt } from '../../src-shared/records/turn'
import { StudioFailure } from '../../src-shared/result'
import { seedOf } from '../maths/random'
import { comparisonCounts, type NewComparison } from '../store/comparisons'
import { promptAt, type PairWriterOptions, type WritePairs } from './pair-writer'
import type { PromptLists } from './prompt-lists'

/** A completion that is there already is drawn again, so many times. */
const mostDraws = 8

const nothing: ComparisonSide = { text: '', tokens: 0, hasEnded: true }

export function itemWriter({ db, warm, signal }: PairWriterOptions, lists: PromptLists): WritePairs {
  async function complete(queue: LabelQueue, prompts: readonly Prompt[], seed: number) {
    const sampling = { ...queue.sampling, seed }
    const texts = await warm.batch({ checkpointId: queue.checkpointId, prompts, sampling }, signal)
    const writer: Writer = { checkpointId: queue.checkpointId, sampling }
    return texts.map((text): ComparisonSide => ({ ...text, writer }))
  }

  return async (queue, count) => {
    const { made, copies } = comparisonCounts(db, queue.id)
    const originals = made - copies
    const list = await lists.of(queue)
    const prompts = Array.from({ length: count }, (_, index) => promptAt(queue, list, originals + 1 + index))
    const found = await severalOf(prompts, wantedOf(queue), (open, draw) =>
      complete(queue, open, seedOf(queue.sampling.seed, 'items', originals, draw)),
    )
    const least = Math.min(fewestCompletions, wantedOf(queue))
    const items = found.filter(({ candidates }) => candidates.length >= least).map(itemOf)
    if (items.length > 0) return items
    throw new StudioFailure({
      kind: 'compute-failed',
      problem:
        `All completions of a prompt came out the same ${mostDraws} times: a higher temperature or a larger ` +
        'top-k makes them differ.',
    })
  }
}

/** How many completions of a prompt the queue's mode judges together. */
function wantedOf({ labelling }: LabelQueue): number {
  const { writes } = labelModes[labelling.mode]
  return writes === 'completions' ? labelling.completions : writes
}

interface Several {
  readonly prompt: Prompt
  readonly candidates: readonly ComparisonSide[]
}

const itemOf = ({ prompt, candidates }: Several): NewComparison => ({
  prompt,
  candidates,
  left: candidates[0] ?? nothing,
  right: candidates[1] ?? nothing,
})

/** Of each prompt so many completions that differ, or as many as come of the draws. */
async function severalOf(
  prompts: readonly Prompt[],
  wanted: number,
  complete: (open: readonly Prompt[], draw: number) => Promise<readonly ComparisonSide[]>,
): Promise<readonly Several[]> {
  const found = prompts.map((prompt) => ({ prompt, candidates: [] as ComparisonSide[] }))
  for (let draw = 0; draw < mostDraws; draw++) {
    const open = found.flatMap((each) => Array.from({ length: wanted - each.candidates.length }, () => each))
    if (open.length === 0) break
    const texts = await complete(
      open.map(({ prompt }) => prompt),
      draw,
    )
    for (const [index, side] of texts.entries()) {
      const { candidates } = open[index]!
      if (!candidates.some(({ text }) => text === side.text)) candidates.push(side)
    }
  }
  return found
}
