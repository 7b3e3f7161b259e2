/** Where things stand in the picture: its scales, and the axes that say so. */
import { escaped } from '../svg'

export interface Frame {
  readonly width: number
  readonly height: number
  readonly left: number
  readonly right: number
  readonly bottom: number
  /** Right end of the axis, nats. */
  readonly furthest: number
  readonly rewardTicks: readonly number[]
  readonly x: (kl: number) => number
  readonly y: (reward: number) => number
}

const [width, height] = [900, 470]
const [left, right, top, bottom] = [48, 640, 36, 430]
const rewardStep = 0.1

export function frame({
  kls,
  rewards,
}: {
  readonly kls: readonly [number, number]
  readonly rewards: readonly number[]
}): Frame {
  const furthest = kls[1]
  const low = Math.floor(Math.min(...rewards) / rewardStep)
  const high = Math.max(low + 1, Math.ceil(Math.max(...rewards) / rewardStep))
  const rounded = (value: number): number => Number(value.toFixed(1))
  return {
    width,
    height,
    left,
    right,
    bottom,
    furthest,
    rewardTicks: Array.from({ length: high - low + 1 }, (_, index) => (low + index) * rewardStep),
    x: (kl) => rounded(left + ((right - left) * (kl - kls[0])) / (furthest - kls[0])),
    y: (reward) => rounded(bottom - ((bottom - top) * (reward / rewardStep - low)) / (high - low)),
  }
}

export function axes(at: Frame, xLabel: string): string {
  const kls = Array.from({ length: Math.floor(at.furthest) + 1 }, (_, kl) => kl)
  return [
    ...at.rewardTicks.map(
      (reward) =>
        `<path class="grid" d="M${at.left} ${at.y(reward)}H${at.right}"/>` +
        `<text class="tick end" x="${at.left - 6}" y="${at.y(reward) + 4}">${reward.toFixed(1)}</text>`,
    ),
    ...kls.map((kl) => `<text class="tick middle" x="${at.x(kl)}" y="${at.bottom + 16}">${kl}</text>`),
    `<text class="tick end" x="${at.right}" y="${at.bottom + 32}">${escaped(xLabel)}</text>`,
  ].join('\n')
}
