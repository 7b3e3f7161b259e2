/** The program `studio`: its own flags and help, one command line run, and how it ends. */
import { Command, CommanderError } from 'commander'
import { StudioFailure, type StudioError } from '../../src-shared/result'
import { diskFailure } from '../places/disk-failure'
import { commands } from './commands'
import { workplace, type Surroundings } from './surroundings'
import { exitOf, exits, openTerminal, type Exit, type Terminal } from './terminal'

interface GlobalOptions {
  readonly json?: true
  readonly registry?: string
}

const examples = `
Examples:
  studio import reviews.jsonl
  studio train pretrain --texts short-english-wordnet --updates 2000
  studio train adder
  studio train ppo --policy "SFT, update 600" --rewards lexicon --kl-beta 0.05
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
    const known = failure instanceof StudioFailure ? failure : diskFailure(failure)
    const error = known?.error ?? bug(failure, around)
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
  const place = workplace(around, terminal, registry, end)
  for (const add of commands) add(program, place)
  return program
}
