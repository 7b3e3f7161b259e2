/** `studio arena`: the arenas there are, or how one of them stands. */
import { arenaRows, type ArenaRow } from '../../src-shared/arena-rows'
import { percentText, signedText } from '../../src-shared/estimate-words'
import type { Arena, ArenaState, Estimate, JudgeAgreement } from '../../src-shared/records/arena'
import { countOf } from '../../src-shared/sizes'
import { arenaState } from '../arena/arena-state'
import { listArenas } from '../store/contenders'
import type { ReadableDb } from '../store/handle'
import { byNameOrId } from './look-up'
import type { Terminal } from './terminal'
import { count, table } from './text'

export interface ArenaAsked {
  readonly arena: string | undefined
  /** Name of the contender that all are held against; the first one unless it is said. */
  readonly baseline?: string
}

export function arenaCommand(
  db: ReadableDb,
  { arena: asked, baseline }: ArenaAsked,
  terminal: Terminal,
): void {
  const arenas = listArenas(db)
  if (asked === undefined) return terminal.result(arenas, arenasText)
  const arena = byNameOrId(arenas, asked, 'ARENA')
  const state = arenaState(db, arena.id, { window: '', problemOf: () => undefined })
  const index = baseline === undefined ? 0 : indexOf(arena, baseline)
  const rows = arenaRows(arena, state, index)
  terminal.result({ arena, baseline: arena.contenders[index]?.name, rows, state }, () =>
    standingsText(arena, state, rows, index),
  )
}

function arenasText(arenas: readonly Arena[]): string {
  if (arenas.length === 0) return 'No arenas yet. Compare in the studio makes the first.'
  const head = ['id', 'name', 'checkpoints', 'goal']
  const rows = arenas.map(({ id, name, contenders, goal }) => [
    id,
    name,
    contenders.map((one) => one.name).join(', '),
    count(goal),
  ])
  return table(head, rows)
}

function standingsText(
  { name, id, contenders }: Arena,
  state: ArenaState,
  rows: readonly ArenaRow[],
  baseline: number,
): string {
  const said = `${countOf(state.judged, 'judgment')} by ${countOf(state.annotators, 'person', 'people')}`
  if (!state.ratings) return `${name} (${id}): ${said}. No verdict with a side yet.`
  const against = contenders[baseline]?.name ?? ''
  const head = ['checkpoint', 'points', '95 %', 'judged', 'wins, direct', 'at equal length', 'more needed']
  const bothBad = state.pairs.reduce((sum, pair) => sum + pair.bothBad, 0)
  return [
    `${name} (${id}), difference to ${against}`,
    table(head, rows.map(cellsOf)),
    `${said}; ties half; ${bothBad} both bad, in no rating.`,
    ...state.judges.flatMap(judgeLine),
    ...(state.ratings.isHeldByPrior
      ? ['Somebody has won or lost everything: how far apart they are is held by a weak prior alone.']
      : []),
  ].join('\n')
}

function judgeLine({ judge, judged, agreed, kappa }: JudgeAgreement): readonly string[] {
  if (!agreed) return []
  const name = judge?.name ?? 'the longer one (a check)'
  const beyond = kappa
    ? `, κ ${kappa.value.toFixed(2)} (${kappa.low.toFixed(2)} to ${kappa.high.toFixed(2)})`
    : ''
  return [`${name} agrees with people in ${shareText(agreed)} of ${count(judged)}${beyond}`]
}

function cellsOf({
  name,
  detail,
  points,
  isBaseline,
  judged,
  direct,
  atEqualLength,
  moreNeeded,
}: ArenaRow): string[] {
  return [
    detail === undefined ? name : `${name} (${detail})`,
    points ? signedText(points.value) : isBaseline ? '0' : '',
    points
      ? `${signedText(points.low)} to ${signedText(points.high)}`
      : isBaseline
        ? 'baseline'
        : 'not judged',
    count(judged),
    direct ? `${shareText(direct.winShare)} of ${count(direct.judged)}` : '',
    atEqualLength ? shareText(atEqualLength) : '',
    moreNeeded === undefined ? '' : `about ${count(moreNeeded)}`,
  ]
}

const shareText = ({ value, low, high }: Estimate): string =>
  `${percentText(value)} (${percentText(low)} to ${percentText(high)})`

/** A checkpoint that is there more than once is named by its id; then the first of them is meant. */
function indexOf({ contenders }: Arena, baseline: string): number {
  const named = byNameOrId(
    contenders.map(({ name, checkpointId }) => ({ id: checkpointId, name })),
    baseline,
    'BASELINE',
  )
  return contenders.findIndex(({ checkpointId }) => checkpointId === named.id)
}
