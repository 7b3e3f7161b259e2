/** An arena of the page alone: two checkpoints, some verdicts. */
import type { Arena, ArenaState, ContenderCount } from '../../src-shared/records/arena'
import { liveList } from './live-list'
import { found, pause, type Part } from './sample-answers'
import { checkpoints, queue } from './sample-records'

const contenders = checkpoints
  .filter(({ kind }) => kind === 'language-model')
  .slice(0, 2)
  .map(({ id, name }) => ({ checkpointId: id, name, sampling: queue.sampling, isDrawn: true }))

const countOf = (won: number, lost: number): ContenderCount => ({
  judged: 46,
  won,
  tied: 9,
  lost,
  bothBad: 2,
  winShare: { value: (won + 4.5) / 44, low: (won - 2) / 44, high: (won + 11) / 44 },
})

const state: ArenaState = {
  contenders: [countOf(24, 11), countOf(11, 24)],
  pairs: [{ one: 0, other: 1, oneWon: 24, tied: 9, otherWon: 11, bothBad: 2 }],
  prompts: [],
  judged: 46,
  annotators: 1,
}

export function sampleArena(): Part<'arena'> {
  const arenas = liveList<Arena>([{ ...queue, name: 'Before and after', contenders }])
  return {
    calls: {
      'arena.list': arenas.all,
      'arena.create': (input) => {
        const [first] = contenders
        const created = {
          ...input,
          ...first!,
          id: input.name,
          datasetId: 'judged',
          createdAtMs: Date.now(),
          contenders,
        }
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
    },
    streams: {
      async *'arena.watch'(_input, signal) {
        yield state
        await pause(2 ** 30, signal)
      },
    },
  }
}
