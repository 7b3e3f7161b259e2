/** What a person types of an item, by its queue's mode. */
import { letterOf } from '../../src-shared/label-modes/letters'
import { judgedTurns } from '../../src-shared/label-modes/turns'
import type { CallInput } from '../../src-shared/contract'
import { candidatesOf, type Comparison } from '../../src-shared/records/comparison'
import type { LabelModeName } from '../../src-shared/records/labelling'

export type Saying = Pick<CallInput<'labels.judge'>, 'verdict' | 'margin' | 'answer'>

interface Typing {
  /** What can be typed, for people. */
  readonly help: string
  /** Undefined for what says nothing here. */
  readonly read: (typed: string, item: Comparison) => Saying | undefined
}

const answer = (given: unknown): Saying => ({ verdict: 'answer', answer: given })

const pairSayings: Readonly<Record<string, Saying>> = {
  l: { verdict: 'left', margin: 'better' },
  sl: { verdict: 'left', margin: 'slightly' },
  t: { verdict: 'tie' },
  sr: { verdict: 'right', margin: 'slightly' },
  r: { verdict: 'right', margin: 'better' },
  b: { verdict: 'both-bad' },
}

/** "C A=B": groups from the best down. */
function orderIn(typed: string, item: Comparison): Saying | undefined {
  const letters = candidatesOf(item).map((_, index) => letterOf(index).toLowerCase())
  const groups = typed
    .replace(/\s*=\s*/g, '=')
    .split(/[\s>]+/)
    .filter(Boolean)
    .map((group) => group.split('=').map((letter) => letters.indexOf(letter)))
  return groups.length === 0 || groups.flat().includes(-1) ? undefined : answer({ groups })
}

/** "y n y": in the order of the turns; a dot leaves one out. */
function turnsIn(typed: string, item: Comparison): Saying | undefined {
  const judged = judgedTurns({ prompt: item.prompt, candidates: [item.left.text] })
  const said = [...typed.replace(/\s/g, '')]
  if (said.length === 0 || said.length > judged.length || !said.every((each) => 'yn.'.includes(each)))
    return undefined
  const good = said.flatMap((each, place) => (each === '.' ? [] : [[judged[place]!.index, each === 'y']]))
  return answer({ good: Object.fromEntries(good) })
}

export const typings: Readonly<Record<LabelModeName, Typing>> = {
  pair: { help: 'l, sl, t, sr, r, b for both bad', read: (typed) => pairSayings[typed] },
  ranking: {
    help: 'letters from the best down, = for ties: c a=b; ! for all bad',
    read: (typed, item) => (typed === '!' ? { verdict: 'both-bad' } : orderIn(typed, item)),
  },
  rating: {
    help: '1 to 5',
    read: (typed) => (/^[1-5]$/.test(typed) ? answer({ rating: Number(typed) }) : undefined),
  },
  'yes-no': {
    help: 'y for good, n for bad',
    read: (typed) => (/^[yn]$/.test(typed) ? answer({ isGood: typed === 'y' }) : undefined),
  },
  edit: {
    help: 'the text as it should be; = keeps what was written',
    read: (typed, item) => answer({ text: typed === '=' ? item.left.text : typed }),
  },
  turns: { help: 'y or n for each turn of the assistant, . leaves one out', read: turnsIn },
}
