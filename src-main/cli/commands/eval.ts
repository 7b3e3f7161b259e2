/** `studio eval CHECKPOINT … --prompts DATASET`: its flags. What computes is loaded only when it is asked for. */
import { Option, type Command } from 'commander'
import { kebabCase } from '../../../src-shared/fields'
import { samplingFields, samplingNames } from '../../../src-shared/sampling'
import type { EvalOptions } from '../eval'
import { interruptible, type Workplace } from '../surroundings'

export function addEval(program: Command, { around, terminal, reading }: Workplace): void {
  const command = program
    .command('eval')
    .description('Let checkpoints answer the prompts of a dataset, and measure what they write.')
    .argument('<checkpoint...>', 'Names or ids.')
    .requiredOption('--prompts <dataset>', 'Name or id; completions beside its prompts are references.')
    .option('--suite <names>', 'Suites with commas between them; all that fit unless said.')
    .option('--texts <number>', 'How many prompts, from the first.', '200')
    .option(
      '--training <dataset>',
      'What the checkpoints may have learned by heart: the share that is copied.',
    )
    .option('--report <file>', 'Write an HTML page that stands by itself.')
  for (const name of samplingNames)
    command.addOption(
      new Option(`--${kebabCase(name)} <value>`, samplingFields[name].doc).default(
        String(samplingFields[name].default),
      ),
    )
  command
    .option('--device <id>', 'Where it runs; `studio devices` lists them.')
    .action((checkpoints: readonly string[], options: EvalOptions) =>
      reading((db) =>
        interruptible(around, async (signal) => {
          const { evalCommand } = await import('../eval')
          await evalCommand(
            { db, terminal, version: around.version, now: around.now },
            checkpoints,
            options,
            signal,
          )
        }),
      ),
    )
}
