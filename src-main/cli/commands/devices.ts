/** `studio devices`: what models can run on here. */
import type { Command } from 'commander'
import { devicesCommand } from '../reading'
import type { Workplace } from '../surroundings'

export function addDevices(program: Command, { around, registry, terminal }: Workplace): void {
  program
    .command('devices')
    .description('List what models can run on here.')
    .action(async () => devicesCommand(await around.listDevices(registry()), terminal))
}
