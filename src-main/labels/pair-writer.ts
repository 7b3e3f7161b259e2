/**
 * Writes comparisons for a label queue: two completions of one prompt, by the queue's checkpoint in the warm
 * process. Prompts are taken in an order drawn from the queue's seed, and so is which completion stands left.
 */
import type { ComparisonSide, LabelQueue, Writer } from '../../src-shared/records/comparison'
import type { Prompt } from '../../src-shared/records/turn'
import { StudioFailure } from '../../src-shared/result'
import { seeded, seedOf, shuffled } from '../maths/random'
import type { WarmProcess } from '../processes/warm-process'
import { comparisonCounts, type NewComparison } from '../store/comparisons'
import type { WritableDb } from '../store/handle'
import type { PromptLists } from './prompt-lists'

export type Sides = readonly [ComparisonSide, ComparisonSide]

/**
 * Writes the queue's next comparisons, as many or fewer.
 * @throws StudioFailure compute-failed, when the prompt list has no prompt, or all pairs came out the same
 */
export type WritePairs = (queue: LabelQueue, count: number) => Promise<readonly NewComparison[]>

/** A pair whose two completions are the same says nothing and is drawn again, so many times. */
const mostDraws = 8

export interface PairWriterOptions {
  readonly db: WritableDb
  readonly warm: WarmProcess
  /** Ends what is being written. */
  readonly signal: AbortSignal
}

export function pairWriter({ db, warm, signal }: PairWriterOptions, lists: PromptLists): WritePairs {
  async function complete(queue: LabelQueue, prompts: readonly Prompt[], seed: number) {
    const texts = await warm.batch(
      {
        checkpointId: queue.checkpointId,
        prompts: prompts.flatMap((prompt) => [prompt, prompt]),
        sampling: { ...queue.sampling, seed },
      },
      signal,
    )
    const writer: Writer = { checkpointId: queue.checkpointId, sampling: { ...queue.sampling, seed } }
    const written = texts.map((text) => ({ ...text, writer }))
    return prompts.map((_, index): Sides => [written[2 * index]!, written[2 * index + 1]!])
  }

  return async (queue, count) => {
    const { made: all, copies } = comparisonCounts(db, queue.id)
    const made = all - copies
    const list = await lists.of(queue)
    const prompts = Array.from({ length: count }, (_, index) => promptAt(queue, list, made + 1 + index))
    const pairs = await differingPairs(prompts, (open, draw) =>
      complete(queue, open, seedOf(queue.sampling.seed, 'pairs', made, draw)),
    )
    return pairs.map(({ prompt, sides }, index) => inDrawnOrder(queue, made + 1 + index, prompt, sides))
  }
}

/** Draws again and again what came out the same; prompts whose completions never differ are left out. */
async function differingPairs(
  prompts: readonly Prompt[],
  complete: (prompts: readonly Prompt[], draw: number) => Promise<readonly Sides[]>,
): Promise<readonly { readonly prompt: Prompt; readonly sides: Sides }[]> {
  const found: (Sides | undefined)[] = prompts.map(() => undefined)
  for (let draw = 0; draw < mostDraws && found.includes(undefined); draw++) {
    const open = prompts.map((_, index) => index).filter((index) => !found[index])
    const drawn = await complete(
      open.map((index) => prompts[index]!),
      draw,
    )
    for (const [i, sides] of drawn.entries()) if (sides[0].text !== sides[1].text) found[open[i]!] = sides
  }
  const pairs = prompts.flatMap((prompt, index) => {
    const sides = found[index]
    return sides ? [{ prompt, sides }] : []
  })
  if (pairs.length > 0) return pairs
  throw computeFailed(
    `Both completions of a prompt came out the same ${mostDraws} times: a higher temperature or a larger ` +
      'top-k makes them differ.',
  )
}

/** The prompt list is gone through again and again, each time in another order. @param place 1-based */
export function promptAt({ sampling }: LabelQueue, list: readonly Prompt[], place: number): Prompt {
  const pass = Math.floor((place - 1) / list.length)
  const order = shuffled(list.length, seeded(sampling.seed, 'prompt order', pass))
  return list[order[(place - 1) % list.length]!]!
}

/** Which text stands left is drawn from the queue's seed. @param place of the comparison, 1-based */
export function inDrawnOrder(
  { sampling }: LabelQueue,
  place: number,
  prompt: Prompt,
  [first, second]: Sides,
): NewComparison {
  const isSwapped = seeded(sampling.seed, 'sides', place)() < 0.5
  return isSwapped ? { prompt, left: second, right: first } : { prompt, left: first, right: second }
}

const computeFailed = (problem: string): StudioFailure =>
  new StudioFailure({ kind: 'compute-failed', problem })
