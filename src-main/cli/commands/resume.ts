/** `studio resume RUN`: a run goes on from its newest checkpoint. */
import type { Command } from 'commander'
import type { Workplace } from '../surroundings'
import { followingFrom, resumeCommand } from '../train'

export function addResume(program: Command, workplace: Workplace): void {
  program
    .command('resume')
    .description('Continue a stopped or failed run from its newest checkpoint.')
    .argument('<run>', 'Name or id.')
    .option('--device <id>', 'Where it goes on; else where it was. `studio devices` lists them.')
    .action((run: string, { device }: { readonly device?: string }) =>
      workplace.writing((api) => resumeCommand(run, device, followingFrom(api, workplace))),
    )
}
