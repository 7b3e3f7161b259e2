/** `studio queue …`: what waits, in which order, and working through it. */
import { Argument, type Command } from 'commander'
import { queueMoves, type QueueMove, type Run } from '../../../src-shared/records/run'
import { runOf } from '../../store/runs'
import { waitingRuns } from '../../store/waiting-runs'
import { byNameOrId } from '../look-up'
import type { Workplace } from '../surroundings'
import { exits, valueOf, type Exit } from '../terminal'
import { table } from '../text'
import { follow, followingFrom, type Following } from '../train'

export function addQueue(program: Command, workplace: Workplace): void {
  const { reading, writing, terminal } = workplace
  const queue = program
    .command('queue')
    .description('List the runs that wait, the next one first; change their order; work through them.')
    .action(() =>
      reading((db) =>
        terminal.result(
          waitingRuns(db).map((runId) => runOf(db, runId)),
          waitingText,
        ),
      ),
    )
  queue
    .command('move')
    .description('Change the place of a run among those that wait.')
    .argument('<run>', 'Name or id.')
    .addArgument(new Argument('<where>', 'Where it goes.').choices(queueMoves))
    .action((asked: string, move: QueueMove) =>
      writing(async (api) => {
        const { id } = byNameOrId(waitingIn(valueOf(await api.call('runs.list', {}))), asked, 'RUN')
        valueOf(await api.call('runs.move', { runId: id, move }))
        terminal.result(waitingIn(valueOf(await api.call('runs.list', {}))), waitingText)
        return exits.done
      }),
    )
  queue
    .command('work')
    .description(
      'Train what waits, one after the other; Ctrl C saves the run under way and leaves the rest waiting.',
    )
    .action(() => writing((api) => work(followingFrom(api, workplace))))
}

const waitingIn = (runs: readonly Run[]): readonly Run[] =>
  runs.filter(({ state }) => state === 'queued').toSorted((a, b) => (a.turn ?? 0) - (b.turn ?? 0))

const waitingText = (runs: readonly Run[]): string =>
  runs.length === 0
    ? 'No run waits.'
    : table(
        ['', 'id', 'name', 'recipe', 'device'],
        runs.map(({ id, name, recipe, device }, index) => [String(index + 1), id, name, recipe, device]),
      )

/** @returns how the worst of them ended */
async function work(following: Following): Promise<Exit> {
  const { api, terminal } = following
  const runs = valueOf(await api.call('runs.work', {}))
  if (runs.length === 0) terminal.note('No run waits.')
  let worst: Exit = exits.done
  for (const run of runs) {
    const exit = await follow(run, run.step - 1, following)
    if (exit === exits.interrupted) return exit
    if (exit !== exits.done) worst = exit
  }
  return worst
}
