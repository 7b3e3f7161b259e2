/**
 * Small tasks whose best answer is known, for tests that a trainer learns: walks on a graph (Chen et al. 2021, as in
 * trlX), rising digits (as in RL4LMs), sums to a target (countdown), short answers.
 */
import { textOf } from '../../src-shared/turn-texts'
import { randomIndex, seeded, type Random } from '../../src-main/maths/random'
import type { ScoredText } from '../../src-main/rewards/reward'

/** Most nodes of a walk. */
export const longestWalk = 10
const goal = 0

export interface Walks {
  /** One letter a node; the first is the goal. */
  readonly letters: string
  readonly starts: readonly string[]
  /**
   * 1 for a shortest walk from the prompt's node to the goal, less for every node more, 0 for what is no walk or
   * does not end at the goal.
   */
  optimality(text: Pick<ScoredText, 'prompt' | 'completion'>): number
  /** Walks that take any edge, stopped at the goal or when they are long. */
  any(count: number, seed: number): readonly { readonly prompt: string; readonly completion: string }[]
}

/** A graph in which every start can reach the goal: the first that is, of those a seed draws. */
export function walksOf(nodes: number, edgeShare: number, seed: number): Walks {
  for (let attempt = 0; ; attempt++) {
    const edges = graphOf(nodes, edgeShare, seeded(seed, 'graph', attempt))
    const nearest = distances(edges)
    if (nearest.every((distance) => distance < longestWalk - 2)) return walksOn(edges, nearest)
  }
}

type Edges = readonly (readonly number[])[]

const graphOf = (nodes: number, share: number, random: Random): Edges =>
  Array.from({ length: nodes }, (_, from) =>
    Array.from({ length: nodes }, (_, to) => to).filter((to) => to !== from && random() < share),
  )

/** Steps from each node to the goal. */
function distances(edges: Edges): readonly number[] {
  const found = edges.map((_, node) => (node === goal ? 0 : Infinity))
  for (let round = 0; round < edges.length; round++)
    for (const [from, to] of edges.entries())
      if (from !== goal)
        found[from] = Math.min(found[from]!, 1 + Math.min(Infinity, ...to.map((each) => found[each]!)))
  return found
}

function walksOn(edges: Edges, nearest: readonly number[]): Walks {
  const letters = edges.map((_, node) => String.fromCharCode(97 + node)).join('')
  const starts = [...letters].slice(1)
  return {
    letters,
    starts,
    optimality({ prompt, completion }) {
      const path = [...(prompt + completion)].map((letter) => letters.indexOf(letter))
      const isWalk = path.every((node, at) => at === 0 || edges[path[at - 1]!]?.includes(node))
      const isDone = path.at(-1) === goal && path.indexOf(goal) === path.length - 1
      if (!isWalk || !isDone || path.length > longestWalk) return 0
      return (longestWalk - path.length) / (longestWalk - 1 - nearest[path[0]!]!)
    },
    any: (count, seed) =>
      Array.from({ length: count }, (_, index) => {
        const random = seeded(seed, 'walk', index)
        const path = [1 + randomIndex(edges.length - 1, random)]
        while (path.at(-1) !== goal && path.length < longestWalk) {
          const next = edges[path.at(-1)!]!
          path.push(next[randomIndex(next.length, random)]!)
        }
        const [prompt = '', ...rest] = path.map((node) => letters[node]!)
        return { prompt, completion: rest.join('') }
      }),
  }
}

const mostDigits = 6

/** Share of six that the digits at the beginning rise: 1 for 012345, 1/6 for 54. */
export function rising({ completion }: Pick<ScoredText, 'completion'>): number {
  const digits = [...completion]
  const fall = digits.findIndex((digit, at) => at > 0 && digit <= digits[at - 1]!)
  return Math.min(mostDigits, fall < 0 ? digits.length : fall) / mostDigits
}

/** Three numbers of one digit and what they are to make: “235=11” is answered by 2*3+5. */
export const countdowns = ['123=6', '235=11', '242=16', '341=8'] as const

/** 1 where a sum or product of each number once, in any order, makes the target; from left to right. */
export function makesTarget({ prompt, completion }: Pick<ScoredText, 'prompt' | 'completion'>): number {
  const [numbers = '', target] = textOf(prompt).split('=')
  const parts = /^(\d)([+*-])(\d)([+*-])(\d)$/.exec(completion)
  if (!parts) return 0
  const [, a = '', first = '', b = '', second = '', c = ''] = parts
  if ([a, b, c].sort().join('') !== [...numbers].sort().join('')) return 0
  return value(value(Number(a), first, Number(b)), second, Number(c)) === Number(target) ? 1 : 0
}

const value = (left: number, sign: string, right: number): number =>
  sign === '+' ? left + right : sign === '-' ? left - right : left * right

/** Sums and products of the three numbers that make anything. */
export function anyAnswers(
  count: number,
  seed: number,
): readonly { readonly prompt: string; readonly completion: string }[] {
  return Array.from({ length: count }, (_, index) => {
    const random = seeded(seed, 'answer', index)
    const prompt = countdowns[index % countdowns.length]!
    const left = [...prompt.slice(0, 3)]
    const number = () => left.splice(randomIndex(left.length, random), 1)[0]!
    const sign = () => '+*-'[randomIndex(3, random)]!
    return { prompt, completion: `${number()}${sign()}${number()}${sign()}${number()}` }
  })
}

/** The shorter the better, but something: 1 for one letter. */
export const shortness = ({ completion }: Pick<ScoredText, 'completion'>): number =>
  completion === '' ? 0 : 1 / completion.length
