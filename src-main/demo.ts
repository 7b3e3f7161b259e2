/**
 * Entry of `npm run demo`: the main job in the terminal, from sentences to a preference-tuned model; with --all
 * every algorithm beside the ceiling, with --real a pretrained model. Each leaves a registry that the studio opens,
 * and a report.
 */
import { resolve } from 'node:path'
import { Command, InvalidArgumentError } from 'commander'
import { version } from '../package.json'
import { openTerminal } from './cli/terminal'
import { COMPILED_CPU, openEngine } from './compute/devices'
import { DemoStopped } from './demo/runs'
import { runDemo } from './demo/demo-job'
import { runFrontier } from './demo/frontier/frontier-job'
import { frontierPlan } from './demo/frontier/plan'
import { demoPlan } from './demo/plan'
import { runReal } from './demo/real/real-job'
import { realPlan } from './demo/real/plan'
import { resourcesFolder } from './places/resources-folder'

const command = new Command('demo')
  .description(
    'Pretrains, fine-tunes, trains a reward model and optimises a small language model on this machine, ' +
      'and reports what came of it.',
  )
  .option('--out <folder>', 'where registry and reports go', 'demo-out')
  .option('--seed <number>', 'decides every draw', wholeNumber, 424242)
  .option('--all', 'every algorithm from one fine-tuned model, beside the ceiling of what can be had', false)
  .option('--only <names>', 'with --all: these algorithms, with commas between', namesIn)
  .option('--seeds <number>', 'with --all: by how many seeds each trains, 1 to 10', fewSeeds)
  .option(
    '--real',
    'a pretrained chat model learns from comparisons of its own texts, by DPO and by PPO',
    false,
  )
  .option('--model <folder>', 'that model: a Hugging Face folder or a .gguf file')
  .option('--quick', 'the same, smaller: a few minutes', false)
  .option('--device <id>', 'what it runs on; `studio devices` lists them', COMPILED_CPU)
  .parse()
const { out, seed, all, only, seeds, real, model, quick, device } = command.opts<{
  out: string
  seed: number
  all: boolean
  only?: readonly string[]
  seeds?: number
  real: boolean
  model?: string
  quick: boolean
  device: string
}>()

const terminal = openTerminal({ out: process.stdout, err: process.stderr }, false, () => performance.now())
const stopping = new AbortController()
process.on('SIGINT', () => stopping.abort())
process.on('SIGTERM', () => stopping.abort())

try {
  ;(await openEngine(device)).dispose() // a device that cannot be used is refused before anything is made
  const options = {
    folder: resolve(out),
    seed,
    isQuick: quick,
    device,
    resources: resourcesFolder(),
    programVersion: version,
    terminal,
    now: () => Date.now(),
    signal: stopping.signal,
  }
  if (real) await runReal({ ...options, model: modelGiven(), plan: realPlan({ seed, isQuick: quick }) })
  else if (all)
    await runFrontier({
      ...options,
      plan: frontierPlan({ seed, isQuick: quick, ...(only && { only }), ...(seeds && { seeds }) }),
    })
  else await runDemo({ ...options, plan: demoPlan({ seed, isQuick: quick }) })
} catch (error) {
  terminal.note(error instanceof Error ? error.message : String(error))
  process.exitCode = error instanceof DemoStopped || stopping.signal.aborted ? 130 : 1
}

/** `npm run demo -- --real` puts SmolLM2 here where it can be had. */
function modelGiven(): string {
  if (model === undefined)
    throw new Error('Say which model: --model FOLDER, a Hugging Face folder or a .gguf file.')
  return model
}

function namesIn(text: string): readonly string[] {
  return text.split(',').map((name) => name.trim())
}

function fewSeeds(text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1 || value > 10) throw new InvalidArgumentError('must be 1 to 10')
  return value
}

function wholeNumber(text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 0 || value > 4_294_967_295)
    throw new InvalidArgumentError('must be a whole number from 0 to 4294967295')
  return value
}
