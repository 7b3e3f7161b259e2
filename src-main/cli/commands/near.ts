/** `studio near DATASET`: rows that are much alike, or that stand in another dataset nearly so. */
import { Option, type Command } from 'commander'
import { comparedParts } from '../../../src-shared/records/near'
import { nearCommand, type NearOptions } from '../near'
import { interruptible, type Workplace } from '../surroundings'
import { exits } from '../terminal'

export function addNear(program: Command, { around, terminal, writing }: Workplace): void {
  program
    .command('near')
    .description('Find rows of a dataset that are much alike, or that stand in another dataset nearly so.')
    .argument('<dataset>', 'Name or id.')
    .option('--against <dataset>', 'The dataset whose rows it must not have: what is held out.')
    .addOption(
      new Option('--part <part>', 'What of a row is compared.').choices(comparedParts).default('row'),
    )
    .option('--threshold <share>', 'Runs of three words that are the same, 0.3 to 1.', '0.8')
    .option('--exclude', 'Leave all but the first of each group out of training; against another, all.')
    .action((asked: string, options: NearOptions) =>
      writing((api) =>
        interruptible(around, async (signal) => {
          await nearCommand(api, { asked, options }, terminal, signal)
          return exits.done
        }),
      ),
    )
}
