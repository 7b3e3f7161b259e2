/** `studio selftest`: its flags. What computes is loaded only when it is asked for. */
import type { Command } from 'commander'
import type { SelftestOptions } from '../selftest'
import type { Workplace } from '../surroundings'

export function addSelftest(program: Command, { around, terminal, registry, end }: Workplace): void {
  program
    .command('selftest')
    .description(
      'Test whether a device computes right here: every kernel and a small training, against ' +
        'TensorFlow.js on the CPU.',
    )
    .option('--device <id>', 'The device; else the default. `studio devices` lists them.')
    .option('--threads <number>', 'Threads of the device; else all.')
    .action(async (options: SelftestOptions) => {
      const { selftestCommand } = await import('../selftest')
      const registryPath = registry()
      const devices = await around.listDevices(registryPath)
      end(await selftestCommand(options, { devices, fork: around.fork, registryPath, terminal }))
    })
}
