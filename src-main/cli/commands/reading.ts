/** `studio show`, `datasets` and `checkpoints`: they only read, beside an open studio. */
import type { Command } from 'commander'
import { checkpointsCommand, datasetCommand, datasetsCommand } from '../reading'
import { showCommand } from '../show'
import type { Workplace } from '../surroundings'

export function addShow(program: Command, { reading, terminal }: Workplace): void {
  program
    .command('show')
    .description('Settings, last values, checkpoints, samples and log of one run.')
    .argument('<run>', 'Name or id.')
    .action((run: string) => reading((db) => showCommand(db, run, terminal)))
}

export function addDatasets(program: Command, { reading, terminal }: Workplace): void {
  program
    .command('datasets')
    .description('List all datasets, or say of one what it holds and how it was read.')
    .argument('[dataset]', 'Name or id.')
    .action((asked?: string) =>
      reading((db) =>
        asked === undefined ? datasetsCommand(db, terminal) : datasetCommand(db, asked, terminal),
      ),
    )
}

export function addCheckpoints(program: Command, { reading, terminal }: Workplace): void {
  program
    .command('checkpoints')
    .description('List all checkpoints.')
    .action(() => reading((db) => checkpointsCommand(db, terminal)))
}
