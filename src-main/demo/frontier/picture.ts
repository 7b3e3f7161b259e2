/**
 * The picture of the comparison: reward over KL, the ceiling, the best-of-n line and the way of every algorithm. One
 * SVG that stands by itself, in light and dark.
 */
import { escaped } from '../svg'
import { axes, frame, type Frame } from './picture-frame'
import style from './picture.css?raw'
import { attainedOn, type FrontierReport, type SummedAlgorithm } from './report'

/** The most the picture shows, nats a text: further away nothing can be compared. */
const furthest = 8

export function frontierPicture(report: FrontierReport): string {
  const shown = [...report.algorithms]
    .filter(({ ways }) => ways.length > 0)
    .sort((a, b) => (b.shareAtOwnKl?.mean ?? -1) - (a.shareAtOwnKl?.mean ?? -1))
  const at = frame({ kls: [0, extentOf(report)], rewards: rewardsOf(report) })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${at.width} ${at.height}" role="img" aria-label="${escaped(words(report))}">
<style>${style}</style>
<rect class="paper" width="${at.width}" height="${at.height}"/>
<text class="title" x="${at.left}" y="20">Mean reward (VADER) over KL to the fine-tuned model</text>
${axes(at, 'KL, nats a text')}
${line(at, 'ceiling', pointsOf(report.ceiling))}
${line(at, 'best', pointsOf(report.bestOfN))}
${shown.map((each) => way(at, each, markOf(report, each), report.sft.meanReward)).join('\n')}
<circle class="start" cx="${at.x(0)}" cy="${at.y(report.sft.meanReward)}" r="5"/>
${legend(at, report, shown)}
</svg>
`
}

const pointsOf = (line: readonly { readonly kl: number; readonly meanReward: number }[]) =>
  line.map(({ kl, meanReward }) => [kl, meanReward] as const)

function extentOf({ algorithms }: FrontierReport): number {
  const last = algorithms.flatMap(({ ways }) =>
    ways.flatMap(({ policies }) => policies.map(({ klToSft }) => klToSft)),
  )
  return Math.min(furthest, Math.max(4.5, ...last))
}

function rewardsOf({ algorithms, sft, ceiling }: FrontierReport): readonly number[] {
  const all = algorithms.flatMap(({ ways }) => ways.flatMap(({ policies }) => policies))
  return [sft, ...all, ...ceiling].map(({ meanReward }) => meanReward)
}

/** Points beyond the picture's edge are left out. */
function line(at: Frame, name: string, points: readonly (readonly [number, number])[]): string {
  const way = points
    .filter(([kl]) => kl <= at.furthest)
    .map(([kl, reward], index) => `${index === 0 ? 'M' : 'L'}${at.x(kl)} ${at.y(reward)}`)
    .join('')
  return `<path class="line ${name}" d="${way}"/>`
}

interface Mark {
  readonly colour: number
  readonly isHollow: boolean
  readonly isSquare: boolean
}

const colours = 7

/** Algorithms that learn from pairs are hollow squares; the others have a second shape where colours run out. */
function markOf({ algorithms }: FrontierReport, { name }: SummedAlgorithm): Mark {
  const kin = (isOfPairs: boolean) => algorithms.filter(({ recipe }) => isFromPairs(recipe) === isOfPairs)
  const isHollow = kin(true).some((each) => each.name === name)
  const place = kin(isHollow).findIndex((each) => each.name === name)
  return { colour: place % colours, isHollow, isSquare: isHollow || place >= colours }
}

const isFromPairs = (recipe: string): boolean => ['dpo', 'kto', 'reference-free'].includes(recipe)

function mark({ colour, isHollow, isSquare }: Mark, x: number, y: number, size: number): string {
  const names = `mark ${isHollow ? `s${colour} hollow` : `c${colour}`}`
  return isSquare
    ? `<rect class="${names}" x="${x - size}" y="${y - size}" width="${2 * size}" height="${2 * size}"/>`
    : `<circle class="${names}" cx="${x}" cy="${y}" r="${size}"/>`
}

/** The mean way over seeds with a mark at its end, and a small mark for each seed's last policy. */
function way(at: Frame, { ways }: SummedAlgorithm, of: Mark, start: number): string {
  const policies = Math.min(...ways.map((each) => each.policies.length))
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length
  const attained = ways.map((each) => attainedOn(each, start))
  const points = Array.from({ length: policies + 1 }, (_, place) => [
    mean(attained.map((each) => each[place]!.kl)),
    mean(attained.map((each) => each[place]!.meanReward)),
  ]) as readonly (readonly [number, number])[]
  const ends = attained.map((each) => each.at(-1)!).filter(({ kl }) => kl <= at.furthest)
  const [kl, reward] = points.at(-1)!
  return [
    line(at, `way s${of.colour}${of.isHollow ? ' pairs' : ''}`, points),
    ...(ways.length > 1 ? ends.map((each) => mark(of, at.x(each.kl), at.y(each.meanReward), 2)) : []),
    ...(kl <= at.furthest ? [mark(of, at.x(kl), at.y(reward), 4.5)] : []),
  ].join('')
}

/** Names with their marks, the best first, each with its share of the ceiling. */
function legend(at: Frame, report: FrontierReport, shown: readonly SummedAlgorithm[]): string {
  const x = at.right + 24
  const row = (place: number): number => 44 + 21 * place
  const lines = [
    { name: 'ceiling', text: 'ceiling: the most there is' },
    { name: 'best', text: 'best of n' },
  ]
  const ofLines = lines.map(
    ({ name, text }, place) =>
      `<path class="line ${name}" d="M${x - 8} ${row(place) - 4}H${x + 10}"/>` +
      `<text class="label" x="${x + 18}" y="${row(place)}">${text}</text>`,
  )
  const ofAlgorithms = shown.map((each, index) => {
    const y = row(index + lines.length + 0.5)
    const share = each.shareAtOwnKl ? `${Math.round(100 * each.shareAtOwnKl.mean)} %` : '–'
    return (
      `${mark(markOf(report, each), x, y - 4, 4.5)}<text class="label" x="${x + 18}" y="${y}">` +
      `${escaped(each.title)}</text><text class="share" x="${at.width - 16}" y="${y}">${share}</text>`
    )
  })
  const note = row(shown.length + lines.length + 0.7)
  return [
    ...ofLines,
    ...ofAlgorithms,
    `<text class="tick" x="${x - 8}" y="${note}">of the ceiling’s gain at its KL</text>`,
  ].join('\n')
}

function words({ algorithms }: FrontierReport): string {
  const said = algorithms.flatMap(({ title, shareAtOwnKl, last, ways }) =>
    ways.length > 0 && shareAtOwnKl
      ? [`${title} ${Math.round(100 * shareAtOwnKl.mean)} % at ${last.klToSft.mean.toFixed(1)} nats`]
      : [],
  )
  return `Reward over KL. Of what the ceiling gains over the fine-tuned model: ${said.join('; ')}.`
}
