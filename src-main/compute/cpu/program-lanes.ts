/** A program on parts of a batch side by side: a lane each, as a train step has them. */
import type { Batch, HostTensor } from '../engine'
import type { Parameters } from '../parameters'
import type { OpenGraphs } from '../recording/opened-graphs'
import type { Session } from '../session'
import { withSessions } from './compiled-gradients'
import { batchFeeds, weightFeeds } from './feeds'
import { makeTogether } from './lanes'

export interface ProgramLanes {
  /** @param size parts at once, at least 2 */
  run(
    parameters: Parameters,
    parts: readonly Batch[],
    size: number,
  ): Promise<readonly Record<string, HostTensor>[]>
  dispose(): void
}

/** @param open the graphs of one lane among so many */
export function programLanes(open: (size: number) => OpenGraphs<Session>): ProgramLanes {
  const teams = new Map<number, readonly OpenGraphs<Session>[]>()

  function teamOf(size: number): readonly OpenGraphs<Session>[] {
    const team = teams.get(size) ?? Array.from({ length: size }, () => open(size))
    teams.set(size, team)
    return team
  }

  return {
    async run(parameters, parts, size) {
      const team = teamOf(size)
      const answers: Record<string, HostTensor>[] = []
      for (let start = 0; start < parts.length; start += size) {
        const lanes = parts
          .slice(start, start + size)
          .map((batch, index) => ({ graphs: team[index] as OpenGraphs<Session>, batch }))
        const made = await withSessions(parameters.spec, lanes, (sessions) => {
          const runs = lanes.map(({ batch }, index) =>
            (sessions[index] as Session).ready({ ...weightFeeds(parameters), ...batchFeeds(batch) }),
          )
          makeTogether(runs)
          return runs.map((run) => run.results())
        })
        answers.push(...made)
      }
      return answers
    },
    dispose() {
      for (const graphs of [...teams.values()].flat()) graphs.dispose()
    },
  }
}
