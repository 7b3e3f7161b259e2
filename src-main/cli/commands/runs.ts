/** `studio runs …`: lists them, and moves one between people as a file. */
import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { ImportedRun } from '../../../src-shared/records/run'
import { byNameOrId } from '../look-up'
import { runsCommand } from '../reading'
import { addLaunch, addSave } from './run-files'
import type { Workplace } from '../surroundings'
import { exits, valueOf } from '../terminal'
import { count, megabytes } from '../text'

export function addRuns(program: Command, workplace: Workplace): void {
  const { reading, terminal } = workplace
  const runs = program
    .command('runs')
    .description('List all runs, move one as a file, or start one from a file.')
    .action(() => reading((db) => runsCommand(db, terminal)))
  addExport(runs, workplace)
  addSave(runs, workplace)
  addLaunch(runs, workplace)
  addImport(runs, workplace)
  addProject(runs, workplace)
}

function addExport(runs: Command, { terminal, writing }: Workplace): void {
  runs
    .command('export')
    .description('Write a run with its datasets, models and checkpoints into one file, whole or not at all.')
    .argument('<run>', 'Name or id.')
    .requiredOption('--to <file>', 'The file; nothing there is written over.')
    .action((asked: string, { to }: { readonly to: string }) =>
      writing(async (api) => {
        const { id } = byNameOrId(valueOf(await api.call('runs.list', {})), asked, 'RUN')
        const exported = valueOf(await api.call('runs.export', { runId: id, path: resolve(to) }))
        terminal.result(exported, ({ path, bytes }) => `${path}: ${megabytes(bytes)}`)
        return exits.done
      }),
    )
}

function addImport(runs: Command, { terminal, writing }: Workplace): void {
  runs
    .command('import')
    .description('Bring in the file of a run, whole or not at all; what is here already is recognised.')
    .argument('<file>', 'What `studio runs export` wrote, here or elsewhere.')
    .action((file: string) =>
      writing(async (api) => {
        const imported = valueOf(await api.call('runs.import', { path: resolve(file) }))
        terminal.result(imported, importedText)
        return exits.done
      }),
    )
}

function addProject(runs: Command, { terminal, writing }: Workplace): void {
  runs
    .command('project')
    .description('Write a run as a project for Ray Train and TRL: a Python program with its data and models.')
    .argument('<run>', 'Name or id.')
    .requiredOption('--to <folder>', 'The folder in which one of its own is made.')
    .option('--workers <count>', 'Processes that train together.', '1')
    .option('--gpu', 'Each on a GPU of its own.')
    .action((asked: string, { to, workers, gpu = false }: ProjectOptions) =>
      writing(async (api) => {
        const { id } = byNameOrId(valueOf(await api.call('runs.list', {})), asked, 'RUN')
        const wish = { runId: id, folder: resolve(to), workers: Number(workers), useGpu: gpu }
        const made = valueOf(await api.call('runs.project', wish))
        terminal.result(made, ({ folder, bytes }) => `${folder}: ${megabytes(bytes)}`)
        return exits.done
      }),
    )
}

interface ProjectOptions {
  readonly to: string
  readonly workers: string
  readonly gpu?: boolean
}

const outcomes: Readonly<Record<ImportedRun['outcome'], string>> = {
  new: 'brought in',
  continued: 'was here and went on elsewhere: what it did there is here now',
  known: 'is here already; nothing was added',
}

const importedText = ({ run, outcome }: ImportedRun): string =>
  `“${run.name}” (${run.id}), at update ${count(run.step)} of ${count(run.totalSteps)}: ${outcomes[outcome]}.`
