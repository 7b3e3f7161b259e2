/** `studio serve`: the studio for a browser, or checkpoints for programs that speak OpenAI's protocol. */
import type { Command } from 'commander'
import { interruptible, type Workplace } from '../surroundings'

interface ServeOptions {
  readonly port?: string
  readonly key?: string
  readonly origin?: readonly string[]
  readonly team?: true
  readonly teamPort?: string
  readonly host?: string
  readonly cert?: string
  readonly behindProxy?: string
}

/** Handed on to the server as they were given. */
const teamFlags = ['team-port', 'host', 'cert', 'key', 'behind-proxy'] as const

export function addServe(program: Command, { around, terminal, registry, reading, end }: Workplace): void {
  program
    .command('serve')
    .description(
      'Open the studio for a browser on this machine; with checkpoints, serve these to programs that speak ' +
        'OpenAI’s protocol.',
    )
    .argument('[checkpoint...]', 'Names or ids; “all” for every one that writes texts.')
    .option('--port <number>', 'Port on 127.0.0.1; else any free one.')
    .option('--team', 'Let a team label, too, each under their own name: see `studio team`.')
    .option('--team-port <number>', 'Of the team: its port; else any free one.')
    .option('--host <address>', 'Of the team: where it listens, as 0.0.0.0; else on this machine alone.')
    .option('--cert <file>', 'Of the team: the certificate, in PEM; with --key.')
    .option('--behind-proxy <address>', 'Of the team: what people open, of a proxy with TLS on this machine.')
    .option(
      '--key <text>',
      'Of the team: the file of the certificate’s key. Of checkpoints: the key that clients send; else a new ' +
        'one each start.',
    )
    .option(
      '--origin <origin...>',
      'Of checkpoints: pages of other addresses that may ask, as https://chat.example.',
    )
    .action(async (checkpoints: readonly string[], options: ServeOptions) => {
      if (checkpoints.length === 0)
        return end(await around.serve(registry(), options.port, options.team ? teamArguments(options) : []))
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

function teamArguments({ teamPort, behindProxy, ...options }: ServeOptions): readonly string[] {
  const given = { ...options, 'team-port': teamPort, 'behind-proxy': behindProxy }
  return [
    '--team',
    ...teamFlags.flatMap((flag) => (given[flag] === undefined ? [] : [`--${flag}`, given[flag]])),
  ]
}
