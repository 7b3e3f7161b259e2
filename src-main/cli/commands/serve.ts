/** `studio serve`: the studio for a browser. */
import type { Command } from 'commander'
import type { Workplace } from '../surroundings'

export function addServe(program: Command, { around, registry, end }: Workplace): void {
  program
    .command('serve')
    .description('Open the studio for a browser on this machine.')
    .option('--port <number>', 'Port on 127.0.0.1; else any free one.')
    .action(async (options: { readonly port?: string }) => {
      end(await around.serve(registry(), options.port))
    })
}
