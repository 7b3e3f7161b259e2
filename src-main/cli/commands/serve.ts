/** `studio serve`: the studio for a browser, or checkpoints for programs that speak OpenAI's protocol. */
import type { Command } from 'commander'
import { interruptible, type Workplace } from '../surroundings'

interface ServeOptions {
  readonly port?: string
  readonly key?: string
  readonly origin?: readonly string[]
}

export function addServe(program: Command, { around, terminal, registry, reading, end }: Workplace): void {
  program
    .command('serve')
    .description(
      'Open the studio for a browser on this machine; with checkpoints, serve these to programs that speak ' +
        'OpenAI’s protocol.',
    )
    .argument('[checkpoint...]', 'Names or ids; “all” for every one that writes texts.')
    .option('--port <number>', 'Port on 127.0.0.1; else any free one.')
    .option('--key <text>', 'Of checkpoints: the key that clients send; else a new one each start.')
    .option(
      '--origin <origin...>',
      'Of checkpoints: pages of other addresses that may ask, as https://chat.example.',
    )
    .action(async (checkpoints: readonly string[], options: ServeOptions) => {
      if (checkpoints.length === 0) return end(await around.serve(registry(), options.port))
      await reading((db) =>
        interruptible(around, async (signal) => {
          const { serveCheckpoints } = await import('../serve-checkpoints')
          await serveCheckpoints(
            { db, around, terminal, registryPath: registry() },
            checkpoints,
            options,
            signal,
          )
        }),
      )
    })
}
