/**
 * Writes comparisons for an arena: two contenders' completions of one prompt, each by its own checkpoint and sampling
 * in the warm process. Who meets on which prompt, and which side is left, is drawn from the arena's seed.
 */
import { sameness } from '../../src-shared/prompts'
import type { Arena } from '../../src-shared/records/arena'
import type { ComparisonSide, Writer } from '../../src-shared/records/comparison'
import type { Prompt } from '../../src-shared/records/turn'
import { StudioFailure } from '../../src-shared/result'
import { contenderOf } from '../evaluation/contender-of'
import { seedOf } from '../maths/random'
import { meetingsOf, type Meeting } from '../store/arena-verdicts'
import type { NewComparison } from '../store/comparisons'
import { nextMatches, type Match } from './match-drawing'
import { inDrawnOrder, type PairWriterOptions, type Sides } from './pair-writer'
import type { PromptLists } from './prompt-lists'

/** @throws StudioFailure compute-failed, when nothing is left to meet */
export type WriteMatches = (arena: Arena, count: number) => Promise<readonly NewComparison[]>

/** Two completions that are the same say nothing and are drawn again, so many times: at first from one seed. */
const mostDraws = 8

export function matchWriter(options: PairWriterOptions, lists: PromptLists): WriteMatches {
  const complete = sideWriter(options)
  /** By arena: matches whose sides came out the same however often they were drawn. */
  const alike = new Map<string, readonly Match[]>()

  return async (arena, count) => {
    const prompts = await lists.of(arena)
    const made = meetingsOf(options.db, arena.id)
    for (;;) {
      const same = alike.get(arena.id) ?? []
      const met = [...matchesOf(arena, prompts, made), ...same]
      const drawn = arena.contenders.flatMap(({ isDrawn }, index) => (isDrawn ? [index] : []))
      const matches = nextMatches(
        { prompts: prompts.length, contenders: drawn, met, seed: arena.sampling.seed },
        count,
      )
      if (matches.length === 0) throw nothingLeft(same.length)
      const sides = await differing(matches, (open, draw) =>
        complete(arena, prompts, open, (contender) =>
          // two that are nearly one write the same from the same draws, however often: then each has its own
          seedOf(arena.sampling.seed, 'arena', made.length, draw, ...(draw > 0 ? [contender] : [])),
        ),
      )
      alike.set(arena.id, [...same, ...matches.filter((match) => !sides.has(match))])
      if (sides.size > 0)
        return [...sides].map(([{ prompt }, two], index) =>
          inDrawnOrder(arena, made.length + 1 + index, prompts[prompt]!, two),
        )
    }
  }
}

/** What has been made already. A prompt that is in the list no more, or a writer that is none, counts for nothing. */
function matchesOf(
  { contenders }: Arena,
  prompts: readonly Prompt[],
  made: readonly Meeting[],
): readonly Match[] {
  const indexOf = new Map(prompts.map((prompt, index) => [sameness(prompt), index]))
  return made.flatMap(({ promptKey, left, right }) => {
    const index = indexOf.get(promptKey)
    const pair = [contenderOf(contenders, left), contenderOf(contenders, right)] as const
    return index === undefined || pair.includes(-1) ? [] : [{ prompt: index, pair }]
  })
}

type WriteSides = (
  arena: Arena,
  prompts: readonly Prompt[],
  matches: readonly Match[],
  seedFor: (contender: number) => number,
) => Promise<readonly Sides[]>

/** Each contender writes all of its completions at once. */
function sideWriter({ warm, signal }: PairWriterOptions): WriteSides {
  return async (arena, prompts, matches, seedFor) => {
    const written = new Map<string, ComparisonSide>()
    for (const [index, { checkpointId, sampling }] of arena.contenders.entries()) {
      const own = matches.filter(({ pair }) => pair.includes(index))
      if (own.length === 0) continue
      const writer: Writer = { checkpointId, sampling: { ...sampling, seed: seedFor(index) } }
      const texts = await warm.batch(
        {
          checkpointId,
          prompts: own.map(({ prompt }) => prompts[prompt]!),
          sampling: writer.sampling!,
        },
        signal,
      )
      for (const [i, { prompt }] of own.entries()) written.set(`${prompt} ${index}`, { ...texts[i]!, writer })
    }
    return matches.map(({ prompt, pair: [one, other] }): Sides => [
      written.get(`${prompt} ${one}`)!,
      written.get(`${prompt} ${other}`)!,
    ])
  }
}

/** The sides of each match, drawn again while they are the same; matches whose sides never differ are left out. */
async function differing(
  matches: readonly Match[],
  complete: (open: readonly Match[], draw: number) => Promise<readonly Sides[]>,
): Promise<ReadonlyMap<Match, Sides>> {
  const found = new Map<Match, Sides>()
  for (let draw = 0; draw < mostDraws && found.size < matches.length; draw++) {
    const open = matches.filter((match) => !found.has(match))
    const drawn = await complete(open, draw)
    for (const [index, sides] of drawn.entries())
      if (sides[0].text !== sides[1].text) found.set(open[index]!, sides)
  }
  return found
}

function nothingLeft(alike: number): StudioFailure {
  const same = alike > 0 ? `; ${alike} times both wrote the same, however often it was drawn` : ''
  return new StudioFailure({
    kind: 'compute-failed',
    problem: `Every two of the checkpoints have met on every prompt${same}. More prompts make more.`,
  })
}
