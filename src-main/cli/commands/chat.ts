/** `studio chat CHECKPOINT …`: its flags. */
import { Option, type Command } from 'commander'
import { kebabCase } from '../../../src-shared/fields'
import { StudioFailure } from '../../../src-shared/result'
import { samplingFields, type SamplingName } from '../../../src-shared/sampling'
import { warmProcess } from '../../processes/warm-process'
import { listCheckpoints } from '../../store/checkpoints'
import { chatCommand } from '../chat'
import { byNameOrId } from '../look-up'
import { samplingFrom } from '../sampling-options'
import type { Surroundings, Workplace } from '../surroundings'

type ChatOptions = Readonly<Partial<Record<SamplingName, string>>> & { readonly system: string }

/** A best of several is known when all are written; here each word comes as it is. */
const names = (Object.keys(samplingFields) as readonly SamplingName[]).filter(
  (name) => name !== 'bestOf' && name !== 'scorer' && name !== 'scorerModel',
)

export function addChat(program: Command, { around, terminal, registry, reading }: Workplace): void {
  const command = program
    .command('chat')
    .description('Talk to a checkpoint, or to several at once. Nothing of it is kept.')
    .argument('<checkpoint...>', 'Names or ids.')
    .addOption(new Option('--system <text>', 'How to answer, before the first turn.').default(''))
  for (const name of names)
    command.addOption(
      new Option(`--${kebabCase(name)} <value>`, samplingFields[name].doc).default(usualOf(name)),
    )
  command.action((asked: readonly string[], options: ChatOptions) =>
    reading(async (db) => {
      const { ask } = around
      if (!ask)
        throw new StudioFailure({ kind: 'invalid-input', field: 'chat', problem: 'needs somebody who types' })
      const sampling = samplingFrom(options)
      const checkpoints = asked.map((each) => byNameOrId(listCheckpoints(db), each, 'CHECKPOINT'))
      const warm = warmProcess(registry(), around.fork)
      try {
        const lines = { ask: () => ask('> ', new AbortController().signal), stoppable: stoppable(around) }
        await chatCommand(
          { warm, checkpoints, sampling, system: options.system, out: around.out, ...lines },
          terminal,
        )
      } finally {
        warm.close()
      }
    }),
  )
}

const usualOf = (name: SamplingName): string =>
  name === 'maxTokens' ? '256' : String(samplingFields[name].default)

const stoppable =
  ({ onInterrupt }: Pick<Surroundings, 'onInterrupt'>) =>
  async <T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> => {
    const stopping = new AbortController()
    const release = onInterrupt(() => stopping.abort())
    try {
      return await work(stopping.signal)
    } finally {
      release()
    }
  }
