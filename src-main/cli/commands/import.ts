/** `studio import FILE …`: files become datasets. */
import { Option, type Command } from 'commander'
import { datasetKinds } from '../../../src-shared/records/dataset'
import { importCommand, type ImportOptions } from '../import'
import { interruptible, type Workplace } from '../surroundings'

const kindOption = new Option(
  '--kind <kind>',
  'What it holds, when that should not be recognised from its columns.',
).choices(datasetKinds)

export function addImport(program: Command, { around, terminal, writing }: Workplace): void {
  program
    .command('import')
    .description(
      'Bring files of text, labels, demonstrations, preferences, rankings, steps or prompts into the registry.',
    )
    .argument(
      '<file...>',
      'TXT, JSON, CSV, TSV, Parquet or Arrow, packed or not, or a folder of save_to_disk; each is taken ' +
        'whole or refused with the line at fault. hf:OWNER/NAME[/CONFIG][@SPLIT] is fetched from Hugging Face.',
    )
    .option('--name <name>', 'Name of the dataset; else that of the file.')
    .addOption(kindOption)
    .option(
      '--map <columns>',
      'What columns mean, by their names: prompt=question,chosen=response_j. A part of a column is named ' +
        'with a dot: info.post.',
      (typed: string, before: readonly string[] = []) => [...before, typed],
    )
    .option(
      '--cut <how>',
      'How plain text is cut: lines, whole, blank-lines, or marker:TEXT. But for lines, line breaks and ' +
        'indentation are kept.',
    )
    .action((files: string[], options: ImportOptions) =>
      writing((api) =>
        interruptible(around, (signal) =>
          importCommand(files, options, { api, terminal, signal, now: around.now }),
        ),
      ),
    )
}
