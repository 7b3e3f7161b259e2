/** `studio label`: queues judged in the terminal, and their judgments as files. */
import { createInterface } from 'node:readline'
import type { Command } from 'commander'
import { exportCommand, labelCommand, queuesCommand } from '../label'
import { judgmentsCommand, tasksCommand, waitingIn, type Waiting } from '../label-elsewhere'
import type { Workplace } from '../surroundings'
import { exits } from '../terminal'

interface Options {
  readonly as?: string
  readonly export?: string
  readonly tasks?: string
  readonly judgments?: string
}

export function addLabel(program: Command, workplace: Workplace): void {
  const { around, reading, writing, terminal } = workplace
  program
    .command('label')
    .description('List the label queues, judge one in the terminal, or write its judgments.')
    .argument('[queue]', 'Name or id; without it all are listed.')
    .option('--as <name>', 'Your name, kept with each judgment.')
    .option('--export <format>', 'Write its judgments: jsonl, or lmarena for pairs.')
    .option('--tasks <program>', 'Write what waits as tasks for argilla or label-studio.')
    .option(
      '--judgments <file>',
      'Take what was judged there: Argilla’s records, Label Studio’s JSON or JSON-MIN.',
    )
    .action((queue: string | undefined, options: Options) => {
      if (queue === undefined) return reading((db) => queuesCommand(db, terminal))
      const { export: format, as: annotator = '' } = options
      if (format !== undefined) return reading((db) => exportCommand(db, { queue, format }, around.out))
      if (options.tasks !== undefined) {
        const asked = { queue, program: options.tasks }
        return reading((db) => tasksCommand(db, asked, around.out))
      }
      if (options.judgments !== undefined) return takeJudgments(workplace, queue, options.judgments)
      const typed = createInterface({ input: process.stdin })
      const lines = typed[Symbol.asyncIterator]()
      return writing((api) => labelCommand(api, { queue, annotator, lines }, terminal)).finally(() =>
        typed.close(),
      )
    })
}

async function takeJudgments(
  { reading, writing, terminal }: Workplace,
  queue: string,
  file: string,
): Promise<void> {
  let waiting: Waiting | undefined
  await reading((db) => {
    waiting = waitingIn(db, queue)
  })
  await writing(async (api) => {
    if (waiting) await judgmentsCommand(api, waiting, file, terminal)
    return exits.done
  })
}
