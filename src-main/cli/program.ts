/** The commands of `studio`, their flags and their help. What they do stands in the files beside this one. */
import { Command, CommanderError, Option } from 'commander'
import { kebabCase } from '../../src-shared/fields'
import { recipeNames, recipeOf } from '../../src-shared/recipes/recipes'
import { datasetKinds } from '../../src-shared/records/dataset'
import { type Device } from '../../src-shared/records/device'
import { StudioFailure, type StudioError } from '../../src-shared/result'
import { samplingFields, samplingNames } from '../../src-shared/sampling'
import type { Api } from '../../src-shared/wire'
import type { ForkCompute } from '../processes/compute-child'
import type { ReadableDb } from '../store/handle'
import { importCommand, type ImportOptions } from './import'
import { addModelCommands } from './models'
import { checkpointsCommand, datasetsCommand, devicesCommand, runsCommand, showCommand } from './reading'
import { addRecipeOptions, type OptionValues } from './recipe-options'
import type { SampleOptions } from './sample'
import type { SelftestOptions } from './selftest'
import { exitOf, exits, openTerminal, type Exit, type Streams, type Terminal } from './terminal'
import { resumeCommand, trainCommand, type OnInterrupt } from './train'

/** What the commands reach of the world. */
export interface Surroundings extends Streams {
  readonly version: string
  readonly now: () => number
  readonly onInterrupt: OnInterrupt
  /** Where the registry lies: what `--registry` says, or the place for it on this machine. */
  registryPath(flag: string | undefined): string
  openReadOnly(path: string): ReadableDb
  /**
   * The whole studio on a registry, as its only writer.
   * @throws StudioFailure when another studio has it open
   */
  openStudio(path: string): Promise<{ readonly api: Api; close(): Promise<void> }>
  listDevices(registryPath: string): Promise<readonly Device[]>
  /** How a compute process starts here. */
  readonly fork: ForkCompute
  /** The headless server. @returns when it has ended, with its exit code */
  serve(registryPath: string, port: string | undefined): Promise<number>
}

interface GlobalOptions {
  readonly json?: true
  readonly registry?: string
}

const examples = `
Examples:
  studio import reviews.jsonl
  studio train pretrain --texts short-english-wordnet --updates 2000
  studio train adder
  studio train ppo --policy "SFT, update 600" --reward-from lexicon --kl-beta 0.05
  studio sample "PPO, update 60" --count 5
  studio runs --json

Exit codes: 0 done, 1 failed, 2 wrong use, 130 stopped by Ctrl C (what was saved is kept).`

/** Runs one command line, without the program's own name. */
export async function runStudio(args: readonly string[], around: Surroundings): Promise<Exit | number> {
  const terminal = openTerminal(around, args.includes('--json'), around.now)
  try {
    let exit: Exit | number = exits.done
    await studioCommands(around, terminal, (code) => {
      exit = code
    }).parseAsync([...args], { from: 'user' })
    return exit
  } catch (failure) {
    if (failure instanceof CommanderError) return commanderExit(failure, terminal)
    const error = failure instanceof StudioFailure ? failure.error : bug(failure, around)
    terminal.error(error)
    return exitOf(error)
  }
}

function bug(failure: unknown, around: Surroundings): StudioError {
  around.err.write(`${failure instanceof Error ? failure.stack : String(failure)}\n`)
  return { kind: 'bug', message: failure instanceof Error ? failure.message : String(failure) }
}

/** Commander has said what was wrong to people already; with --json it is said here. */
function commanderExit(failure: CommanderError, terminal: Terminal): Exit {
  if (failure.exitCode === 0) return exits.done
  const error: StudioError = {
    kind: 'invalid-input',
    field: 'arguments',
    problem: failure.message.replace(/^error: /, ''),
  }
  if (terminal.isJson) terminal.error(error)
  return exits.wrongUse
}

function studioCommands(
  around: Surroundings,
  terminal: Terminal,
  end: (code: Exit | number) => void,
): Command {
  const program = new Command('studio')
  program
    .description(
      'RLHF Studio on the command line: train small language models from human preferences on this machine.',
    )
    .version(around.version)
    .option('--json', 'Write results and errors to stdout as JSON; long work writes a line each step.')
    .option('--registry <path>', 'Registry to work on; else $STUDIO_REGISTRY, else the studio’s own.')
    .addHelpText('after', examples)
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => around.out.write(text),
      writeErr: (text) => {
        if (!terminal.isJson) around.err.write(text)
      },
    })
    .exitOverride()

  const registry = (): string => around.registryPath(program.opts<GlobalOptions>().registry)
  const reading = async (work: (db: ReadableDb) => void | Promise<void>): Promise<void> => {
    const db = around.openReadOnly(registry())
    try {
      await work(db)
    } finally {
      db.close()
    }
  }
  const writing = async (work: (api: Api) => Promise<Exit>): Promise<void> => {
    const studio = await around.openStudio(registry())
    try {
      end(await work(studio.api))
    } finally {
      await studio.close()
    }
  }
  const following = (api: Api) => ({ api, terminal, onInterrupt: around.onInterrupt, now: around.now })

  program
    .command('import')
    .description('Bring files of text, labels, demonstrations, preferences or prompts into the registry.')
    .argument(
      '<file...>',
      'TXT, JSONL, CSV, TSV or Parquet; each is taken whole or refused with the line at fault.',
    )
    .option('--name <name>', 'Name of the dataset; else that of the file.')
    .addOption(
      new Option(
        '--kind <kind>',
        'What it holds, when that should not be recognised from its columns.',
      ).choices(datasetKinds),
    )
    .action((files: string[], options: ImportOptions) =>
      writing((api) =>
        interruptible(around, (signal) =>
          importCommand(files, options, { api, terminal, signal, now: around.now }),
        ),
      ),
    )

  const train = program
    .command('train')
    .description('Train a model; `studio train RECIPE --help` lists its settings.')
  for (const recipe of recipeNames.map(recipeOf)) {
    addRecipeOptions(
      train.command(recipe.name).description(`${recipe.title}: ${recipe.summary}. ${recipe.source}.`),
      recipe,
    ).action((options: OptionValues) => writing((api) => trainCommand(recipe, options, following(api))))
    for (const { name, doc, command } of recipe.presets) {
      if (command === undefined) continue
      addRecipeOptions(train.command(command).description(`${recipe.title}, preset “${name}”: ${doc}`), {
        ...recipe,
        presets: [],
      }).action((options: OptionValues) =>
        writing((api) => trainCommand(recipe, { ...options, preset: name }, following(api))),
      )
    }
  }

  program
    .command('resume')
    .description('Continue a stopped or failed run from its newest checkpoint.')
    .argument('<run>', 'Name or id.')
    .action((run: string) => writing((api) => resumeCommand(run, following(api))))
  program
    .command('runs')
    .description('List all runs.')
    .action(() => reading((db) => runsCommand(db, terminal)))
  program
    .command('show')
    .description('Settings, last values, checkpoints, samples and log of one run.')
    .argument('<run>', 'Name or id.')
    .action((run: string) => reading((db) => showCommand(db, run, terminal)))
  program
    .command('datasets')
    .description('List all datasets.')
    .action(() => reading((db) => datasetsCommand(db, terminal)))
  program
    .command('checkpoints')
    .description('List all checkpoints.')
    .action(() => reading((db) => checkpointsCommand(db, terminal)))
  addModelCommands(program, {
    terminal,
    writing: (work) => writing((api) => interruptible(around, (signal) => work(api, signal))),
  })
  addSampleCommand(program, (checkpoints, options) =>
    reading((db) =>
      interruptible(around, async (signal) =>
        (await import('./sample')).sampleCommand(db, checkpoints, options, terminal, signal),
      ),
    ),
  )
  program
    .command('serve')
    .description('Open the studio for a browser on this machine.')
    .option('--port <number>', 'Port on 127.0.0.1; else any free one.')
    .action(async (options: { readonly port?: string }) => {
      end(await around.serve(registry(), options.port))
    })
  program
    .command('devices')
    .description('List what models can run on here.')
    .action(async () => devicesCommand(await around.listDevices(registry()), terminal))
  program
    .command('selftest')
    .description(
      'Test whether a device computes right here: every kernel and a small training, against ' +
        'TensorFlow.js on the CPU.',
    )
    .option('--device <id>', 'The device; else the default. `studio devices` lists them.')
    .option('--threads <number>', 'Threads of the device; else all.')
    .action(async (options: SelftestOptions) => {
      const { selftestCommand } = await import('./selftest')
      end(
        await selftestCommand(options, {
          devices: await around.listDevices(registry()),
          fork: around.fork,
          registryPath: registry(),
          terminal,
        }),
      )
    })
  return program
}

function addSampleCommand(
  program: Command,
  run: (checkpoints: readonly string[], options: SampleOptions) => Promise<void>,
): void {
  const option = (name: keyof SampleOptions, value: string, doc: string, standard?: string): Option => {
    const made = new Option(`--${kebabCase(name)} <${value}>`, doc)
    return standard === undefined ? made : made.default(standard)
  }
  const command = program
    .command('sample')
    .description('Let checkpoints write, all from the same prompt and seed.')
    .argument('<checkpoint...>', 'Names or ids.')
    .addOption(option('prompt', 'text', 'What the text begins with.', ''))
    .addOption(option('count', 'number', 'Completions a checkpoint.', '3'))
  for (const name of samplingNames) {
    const { doc, default: standard } = samplingFields[name]
    command.addOption(option(name, 'number', doc, String(standard)))
  }
  command
    .addOption(
      option(
        'weights',
        'format',
        'How weights are read: as-they-are, or 8-bit, faster and with fewer digits.',
        'as-they-are',
      ),
    )
    .addOption(option('device', 'id', 'Where it runs; `studio devices` lists them.'))
    .action(run)
}

/** Work that Ctrl C aborts. */
async function interruptible<T>(around: Surroundings, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stopping = new AbortController()
  const release = around.onInterrupt(() => stopping.abort(new StudioFailure({ kind: 'cancelled' })))
  try {
    return await work(stopping.signal)
  } finally {
    release()
  }
}
