/** `studio arena`: standings, read beside an open studio. */
import type { Command } from 'commander'
import { arenaCommand } from '../arena'
import type { Workplace } from '../surroundings'

export function addArena(program: Command, { reading, terminal }: Workplace): void {
  program
    .command('arena')
    .description(
      'List all arenas, or how one stands: differences, intervals, and how many judgments more would tell.',
    )
    .argument('[arena]', 'Name or id; without it all are listed.')
    .option('--baseline <checkpoint>', 'Name or id of the checkpoint that all are held against.')
    .action((arena: string | undefined, options: { readonly baseline?: string }) =>
      reading((db) => arenaCommand(db, { arena, ...options }, terminal)),
    )
}
