/**
 * In what order a queue's items are judged: as they were made, or those first of which the reward model is least sure.
 * Every tenth is drawn at random even then, so that figures about all of them stay fair.
 */
import type { LabelQueue } from '../../src-shared/records/comparison'
import { seeded, randomIndex } from '../maths/random'
import type { Item } from '../store/asked-again'

const everyTenth = 10

/**
 * @param judged how many judgments there are: decides where the tenth falls, and its draw
 * @returns at most `count`, none of them copies of one another
 */
export function inOrder(
  items: readonly Item[],
  { labelling, sampling }: Pick<LabelQueue, 'labelling' | 'sampling'>,
  { count, judged }: { readonly count: number; readonly judged: number },
): readonly Item[] {
  const chosen: Item[] = []
  let left = items
  while (chosen.length < count && left.length > 0) {
    const next = judged + chosen.length
    const isDrawn = next % everyTenth === everyTenth - 1
    const item =
      labelling.order === 'made'
        ? left[0]!
        : isDrawn
          ? left[randomIndex(left.length, seeded(sampling.seed, 'every tenth', next))]!
          : leastSure(left)
    chosen.push(item)
    left = left.filter(({ root }) => root !== item.root)
  }
  return chosen
}

/** Of those the reward model has looked at; before it has, as they were made. */
const leastSure = (items: readonly Item[]): Item =>
  items.reduce((least, each) => ((each.uncertainty ?? -1) > (least.uncertainty ?? -1) ? each : least))
