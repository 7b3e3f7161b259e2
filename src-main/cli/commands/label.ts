/** `studio label`: queues judged in the terminal, and their judgments as files. */
import { createInterface } from 'node:readline'
import type { Command } from 'commander'
import { exportCommand, labelCommand, queuesCommand } from '../label'
import type { Workplace } from '../surroundings'

interface Options {
  readonly as?: string
  readonly export?: string
}

export function addLabel(program: Command, { around, reading, writing, terminal }: Workplace): void {
  program
    .command('label')
    .description('List the label queues, judge one in the terminal, or write its judgments.')
    .argument('[queue]', 'Name or id; without it all are listed.')
    .option('--as <name>', 'Your name, kept with each judgment.')
    .option('--export <format>', 'Write its judgments: jsonl, or lmarena for pairs.')
    .action((queue: string | undefined, options: Options) => {
      if (queue === undefined) return reading((db) => queuesCommand(db, terminal))
      const { export: format, as: annotator = '' } = options
      if (format !== undefined) return reading((db) => exportCommand(db, { queue, format }, around.out))
      const typed = createInterface({ input: process.stdin })
      const lines = typed[Symbol.asyncIterator]()
      return writing((api) => labelCommand(api, { queue, annotator, lines }, terminal)).finally(() =>
        typed.close(),
      )
    })
}
