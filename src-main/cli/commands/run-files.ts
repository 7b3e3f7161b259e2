/** `studio runs save` and `studio runs launch`: what a run was launched with, as a file that people read. */
import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { StudioFailure } from '../../../src-shared/result'
import { runFileText } from '../../../src-shared/run-file-text'
import { listCheckpoints } from '../../store/checkpoints'
import { listDatasets } from '../../store/datasets'
import { listRuns } from '../../store/runs'
import { byNameOrId } from '../look-up'
import { runFileCommand } from '../sweep'
import type { Workplace } from '../surroundings'
import { followingFrom } from '../train'

export function addSave(runs: Command, { reading, terminal }: Workplace): void {
  runs
    .command('save')
    .description('Write what a run was launched with as JSON: recipe, settings, inputs by name.')
    .argument('<run>', 'Name or id.')
    .requiredOption('--to <file>', 'The file; nothing there is written over.')
    .action((asked: string, { to }: { readonly to: string }) =>
      reading((db) => {
        const run = byNameOrId(listRuns(db), asked, 'RUN')
        const names = new Map(
          [...listDatasets(db), ...listCheckpoints(db)].map((each) => [each.id, each.name]),
        )
        write(
          resolve(to),
          runFileText(run, (id) => names.get(id)),
        )
        terminal.result(
          { path: resolve(to) },
          ({ path }) => `${path}: studio runs launch starts the same again.`,
        )
      }),
    )
}

export function addLaunch(runs: Command, workplace: Workplace): void {
  runs
    .command('launch')
    .description('Start the run, or the sweep, that a file describes.')
    .argument('<file>', 'What `studio runs save` wrote, or one like it.')
    .action((file: string) => workplace.writing((api) => runFileCommand(file, followingFrom(api, workplace))))
}

function write(path: string, text: string): void {
  try {
    writeFileSync(path, text, { flag: 'wx' })
  } catch (error) {
    const problem = problems[(error as NodeJS.ErrnoException).code ?? ''] ?? 'cannot be written'
    throw new StudioFailure({ kind: 'refused-file', file: path, problem })
  }
}

const problems: Readonly<Record<string, string>> = {
  EEXIST: 'is there already and is not written over',
  ENOENT: 'lies in a folder that is not there',
}
