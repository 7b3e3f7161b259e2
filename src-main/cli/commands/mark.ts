/** `studio mark DATASET --rows 3,7-9`: rows are tagged, left out of training, or taken in again. */
import type { Command } from 'commander'
import { markCommand, type MarkOptions } from '../mark'
import type { Workplace } from '../surroundings'
import { exits } from '../terminal'

export function addMark(program: Command, { terminal, writing }: Workplace): void {
  program
    .command('mark')
    .description('Tag rows of a dataset, leave them out of training, or take them in again.')
    .argument('<dataset>', 'Name or id.')
    .requiredOption('--rows <rows>', 'Which, by their numbers: 3,7-9.')
    .option('--exclude', 'Nothing is trained on them, and no prompt is taken from them.')
    .option('--include', 'They are trained on again.')
    .option('--tag <tag>', 'A word or two by which they are found again.')
    .option('--untag <tag>', 'Without this tag.')
    .action((asked: string, options: MarkOptions) =>
      writing(async (api) => {
        await markCommand(api, asked, options, terminal)
        return exits.done
      }),
    )
}
