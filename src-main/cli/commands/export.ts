/** `studio export DATASET`: a dataset goes out as a file that other programs read. */
import { resolve } from 'node:path'
import { Option, type Command } from 'commander'
import {
  datasetContainers,
  datasetForms,
  type DatasetContainer,
  type DatasetForm,
} from '../../../src-shared/records/export'
import { byNameOrId } from '../look-up'
import { interruptible, type Workplace } from '../surroundings'
import { exits, valueOf } from '../terminal'
import { count, megabytes } from '../text'

interface ExportOptions {
  readonly to: string
  readonly form: DatasetForm
  readonly file: DatasetContainer
  readonly withExcluded?: true
}

export function addExport(program: Command, { around, terminal, writing }: Workplace): void {
  const form = new Option(
    '--form <form>',
    'trl is texts or conversations as they are, trl-conversational messages throughout, kto completions that are ' +
      'good or bad, hh-rlhf two transcripts, sharegpt conversations, oasst trees of messages with ranked replies.',
  )
  const file = new Option('--file <kind>', 'How rows are stored.')
  program
    .command('export')
    .description('Write a dataset into a file for other programs, whole or not at all.')
    .argument('<dataset>', 'Name or id.')
    .requiredOption('--to <folder>', 'Folder in which the file is made; nothing there is written over.')
    .addOption(form.choices(datasetForms).default('trl'))
    .addOption(file.choices(datasetContainers).default('jsonl'))
    .option('--with-excluded', 'The rows that are left out of training go with the others.')
    .action((asked: string, { to, form, file: container, withExcluded }: ExportOptions) =>
      writing((api) =>
        interruptible(around, async (signal) => {
          const { id } = byNameOrId(valueOf(await api.call('datasets.list', {})), asked, 'DATASET')
          const wish = { datasetId: id, form, container, withExcluded, folder: resolve(to) }
          const exported = valueOf(await api.call('datasets.export', wish, signal))
          terminal.result(
            exported,
            ({ path, rows, bytes }) => `${path}: ${count(rows)} rows, ${megabytes(bytes)}`,
          )
          return exits.done
        }),
      ),
    )
}
