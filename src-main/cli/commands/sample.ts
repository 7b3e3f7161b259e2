/** `studio sample CHECKPOINT …`: its flags. What computes is loaded only when it is asked for. */
import { Option, type Command } from 'commander'
import { kebabCase } from '../../../src-shared/fields'
import { samplingFields, samplingNames } from '../../../src-shared/sampling'
import type { SampleOptions } from '../sample'
import { interruptible, type Workplace } from '../surroundings'

export function addSample(program: Command, { around, terminal, reading }: Workplace): void {
  const command = program
    .command('sample')
    .description('Let checkpoints write, all from the same prompt and seed.')
    .argument('<checkpoint...>', 'Names or ids.')
    .addOption(option('prompt', 'text', 'What the text begins with.', ''))
    .addOption(option('system', 'text', 'What a system turn says before the prompt.', ''))
    .addOption(option('count', 'number', 'Completions a checkpoint.', '3'))
  for (const name of samplingNames) {
    const { type, doc, default: standard } = samplingFields[name]
    command.addOption(option(name, type === 'text' ? 'text' : 'number', doc, String(standard)))
  }
  command
    .addOption(option('weights', 'format', weightsDoc, 'as-they-are'))
    .addOption(option('device', 'id', 'Where it runs; `studio devices` lists them.'))
    .action((checkpoints: readonly string[], options: SampleOptions) =>
      reading((db) =>
        interruptible(around, async (signal) => {
          const { sampleCommand } = await import('../sample')
          await sampleCommand(db, checkpoints, options, terminal, signal)
        }),
      ),
    )
}

const weightsDoc = 'How weights are read: as-they-are, or 8-bit, faster and with fewer digits.'

function option(name: keyof SampleOptions, value: string, doc: string, standard?: string): Option {
  const made = new Option(`--${kebabCase(name)} <${value}>`, doc)
  return standard === undefined ? made : made.default(standard)
}
