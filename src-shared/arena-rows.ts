/** An arena's ratings as rows against one contender, the baseline: every number with its interval and its count. */
import type { Arena, ArenaState, Estimate, RatedPair } from './records/arena'

export interface ArenaRow {
  /** Contender. */
  readonly index: number
  readonly name: string
  /** How it is sampled, where the same checkpoint is there more than once. */
  readonly detail?: string
  readonly judged: number
  readonly isDrawn: boolean
  readonly isBaseline: boolean
  /** Points above the baseline. */
  readonly points?: Estimate
  readonly chance?: number
  readonly isDecided: boolean
  readonly moreNeeded?: number
  /** Against the baseline, without the others. */
  readonly direct?: NonNullable<RatedPair['direct']>
  readonly atEqualLength?: Estimate
}

/** The best first; those without a judgment last. */
export function arenaRows({ contenders }: Arena, state: ArenaState, baseline: number): readonly ArenaRow[] {
  return contenders
    .map((contender, index): ArenaRow => {
      const pair = turned(state.ratings?.pairs ?? [], index, baseline)
      const twin = contenders.some(
        (other, at) => at !== index && other.checkpointId === contender.checkpointId,
      )
      return {
        index,
        name: contender.name,
        judged: state.contenders[index]?.judged ?? 0,
        isDrawn: contender.isDrawn,
        isBaseline: index === baseline,
        isDecided: pair !== undefined && pair.points.low * pair.points.high > 0,
        ...(twin && { detail: samplingText(contender.sampling) }),
        ...pair,
      }
    })
    .toSorted((a, b) => standingOf(b) - standingOf(a))
}

const standingOf = ({ points, isBaseline }: ArenaRow): number => points?.value ?? (isBaseline ? 0 : -Infinity)

const samplingText = ({ temperature, topK, topP }: Arena['sampling']): string =>
  [`T ${temperature}`, ...(topK > 0 ? [`top-k ${topK}`] : []), ...(topP < 1 ? [`top-p ${topP}`] : [])].join(
    ', ',
  )

type Turned = Pick<ArenaRow, 'points' | 'chance' | 'moreNeeded' | 'direct' | 'atEqualLength'> &
  Pick<RatedPair, 'points'>

/** A pair as its first one sees it, whichever way it is stored. */
function turned(pairs: readonly RatedPair[], one: number, other: number): Turned | undefined {
  const straight = pairs.find((pair) => pair.one === one && pair.other === other)
  if (straight) return parts(straight)
  const pair = pairs.find((each) => each.one === other && each.other === one)
  if (!pair) return undefined
  const { direct, atEqualLength } = pair
  return parts({
    ...pair,
    points: opposite(pair.points, 0),
    chance: 1 - pair.chance,
    ...(direct && {
      direct: { ...direct, winShare: opposite(direct.winShare, 1), moreTokens: -direct.moreTokens },
    }),
    ...(atEqualLength && { atEqualLength: opposite(atEqualLength, 1) }),
  })
}

const parts = ({ points, chance, moreNeeded, direct, atEqualLength }: RatedPair): Turned => ({
  points,
  chance,
  ...(moreNeeded !== undefined && { moreNeeded }),
  ...(direct && { direct }),
  ...(atEqualLength && { atEqualLength }),
})

/** What the other one has: of a difference its negative, of a share the rest. */
const opposite = ({ value, low, high }: Estimate, of: 0 | 1): Estimate => ({
  value: of - value,
  low: of - high,
  high: of - low,
})
