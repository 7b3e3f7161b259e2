/** An arena of the page alone: four checkpoints, some verdicts. */
import type { Arena, ArenaState, Estimate, RatedPair } from '../../src-shared/records/arena'
import { liveList } from './live-list'
import { found, pause, type Part } from './sample-answers'
import { checkpoints, queue } from './sample-records'

const contenders = checkpoints
  .filter(({ kind }) => kind === 'language-model')
  .slice(0, 4)
  .map(({ id, name }) => ({ checkpointId: id, name, sampling: queue.sampling, isDrawn: true }))

const around = (value: number, half: number): Estimate => ({ value, low: value - half, high: value + half })

/** The first one against each other one. */
const pair = (other: number, points: number, half: number, share: number): RatedPair => ({
  ...{ one: 0, other, points: around(points, half), chance: points > 0 ? 0.9 : 0.02 },
  isHeldByPrior: false,
  ...(half > Math.abs(points) && { moreNeeded: 140 }),
  direct: { judged: 88, winShare: around(share, 0.1), moreTokens: 14 },
  atEqualLength: around(share - 0.03, 0.11),
})

const state: ArenaState = {
  contenders: contenders.map((_, index) => ({
    judged: 203 - 20 * index,
    won: 90,
    tied: 30,
    lost: 80,
    bothBad: 3,
  })),
  pairs: [{ one: 0, other: 1, oneWon: 40, tied: 18, otherWon: 30, bothBad: 11 }],
  judged: 412,
  annotators: 3,
  judges: [
    {
      judged: 297,
      alike: 12,
      waiting: 0,
      trained: [],
      agreed: around(0.54, 0.06),
      kappa: around(0.07, 0.13),
    },
    {
      judge: { id: '1', rewards: 'wink', name: 'wink' },
      ...{
        judged: 281,
        alike: 28,
        waiting: 0,
        trained: [],
        agreed: around(0.63, 0.06),
        kappa: around(0.38, 0.13),
      },
    },
    {
      judge: { id: '2', rewards: 'reward-model', checkpointId: 'rm', name: 'rm-01, update 180' },
      ...{
        judged: 140,
        alike: 0,
        waiting: 0,
        trained: [3],
        agreed: around(0.66, 0.08),
        kappa: around(0.41, 0.13),
      },
    },
  ],
  ratings: {
    judged: 371,
    isHeldByPrior: false,
    pairs: [pair(1, 45, 70, 0.56), pair(2, -24, 72, 0.46), pair(3, -204, 82, 0.24)],
  },
  last: { place: 46, verdict: 'right', margin: 'slightly', left: 0, right: 1 },
}

export function sampleArena(): Part<'arena'> {
  const arenas = liveList<Arena>([{ ...queue, name: 'Before and after', contenders }])
  return {
    calls: {
      'arena.list': arenas.all,
      'arena.create': (input) => {
        const [first] = contenders
        const made = { ...input, ...first!, id: input.name, datasetId: 'judged', createdAtMs: Date.now() }
        const created = { ...made, contenders, labelling: queue.labelling }
        arenas.put(created)
        return created
      },
      'arena.draw': ({ arenaId, drawn }) => {
        const one = found(arenas.all(), 'queue', arenaId)
        const changed = {
          ...one,
          contenders: one.contenders.map((each, index) => ({ ...each, isDrawn: drawn.includes(index) })),
        }
        arenas.put(changed)
        return changed
      },
      'arena.state': () => state,
      'arena.judge': () => state,
      'arena.unjudge': () => state,
    },
    streams: {
      async *'arena.watch'(_input, signal) {
        yield state
        while (!signal.aborted) await pause(2000, signal)
      },
    },
  }
}
