/** `studio train RECIPE …` and `studio resume RUN`: starts a run and follows it to its end. */
import type { CallInput } from '../../src-shared/contract'
import { evidenceFrom, evidenceText } from '../../src-shared/evidence'
import { labelOf } from '../../src-shared/fields'
import type { MetricName } from '../../src-shared/metrics'
import type { Preset } from '../../src-shared/recipes/recipe'
import { recipeOf, type KnownRecipe } from '../../src-shared/recipes/recipes'
import type { Checkpoint } from '../../src-shared/records/checkpoint'
import type { Run, RunInputs, RunUpdate } from '../../src-shared/records/run'
import { StudioFailure } from '../../src-shared/result'
import type { Api } from '../../src-shared/wire'
import { liveAsker } from './live'
import { byNameOrId } from './look-up'
import { inFlags, inputsFrom, presetFrom, settingsFrom, type OptionValues } from './recipe-options'
import type { AskLine, OnInterrupt, Workplace } from './surroundings'
import { exits, valueOf, type Exit, type Terminal } from './terminal'
import { bar, count, duration, metric } from './text'

export interface Following {
  readonly api: Api
  readonly terminal: Terminal
  readonly onInterrupt: OnInterrupt
  readonly ask?: AskLine
  readonly now: () => number
}

export const followingFrom = (api: Api, { around, terminal }: Workplace): Following => ({
  api,
  terminal,
  onInterrupt: around.onInterrupt,
  now: around.now,
  ...(around.ask && { ask: around.ask }),
})

/** npm passes Ctrl C on to a program that the terminal has told already: two within this time are one. */
const sameKeyMs = 500

export async function trainCommand(
  recipe: KnownRecipe,
  options: OptionValues,
  following: Following,
): Promise<Exit> {
  const { api } = following
  const launched = await api.call('runs.launch', await launchFrom(recipe, options, api))
  if (!launched.ok) throw inFlags(new StudioFailure(launched.error), recipe)
  return follow(launched.value, -1, following)
}

/** What is asked for by the flags of a recipe. */
export async function launchFrom(
  recipe: KnownRecipe,
  options: OptionValues,
  api: Api,
): Promise<CallInput<'runs.launch'>> {
  const bundled = await bundledInputs(api, presetFrom(recipe, options), options)
  const inputs = {
    ...bundled,
    ...inputsFrom(recipe, options, {
      datasets: valueOf(await api.call('datasets.list', {})),
      checkpoints: valueOf(await api.call('checkpoints.list', {})),
    }),
  }
  return {
    recipe: recipe.name,
    settings: settingsFrom(recipe, options),
    inputs,
    ...named(options, 'name'),
    ...named(options, 'device'),
    ...threadsOf(options),
  }
}

/** The datasets that a preset brings along, where none were named. */
async function bundledInputs(
  api: Api,
  preset: Preset | undefined,
  options: OptionValues,
): Promise<RunInputs> {
  const inputs: Record<string, readonly string[]> = {}
  for (const [input, fileName] of Object.entries(preset?.datasets ?? {})) {
    if (options[input] === undefined)
      inputs[input] = [valueOf(await api.call('datasets.bundled', { fileName })).id]
  }
  return inputs
}

const named = <K extends string>(options: OptionValues, key: K): { readonly [Name in K]?: string } =>
  typeof options[key] === 'string' ? ({ [key]: options[key] } as { readonly [Name in K]?: string }) : {}

function threadsOf({ threads }: OptionValues): { readonly threads?: number } {
  if (threads === undefined) return {}
  if (!Number.isFinite(Number(threads)))
    throw new StudioFailure({ kind: 'invalid-input', field: '--threads', problem: 'must be a whole number' })
  return { threads: Number(threads) }
}

export async function resumeCommand(
  asked: string,
  device: string | undefined,
  following: Following,
): Promise<Exit> {
  const { id } = byNameOrId(valueOf(await following.api.call('runs.list', {})), asked, 'RUN')
  const run = valueOf(
    await following.api.call('runs.resume', { runId: id, ...(device !== undefined && { device }) }),
  )
  return follow(run, run.step, following)
}

export const hasEnded = (run: Run): boolean =>
  run.state === 'finished' || run.state === 'stopped' || run.state === 'failed'

/**
 * Shows what happens until the run has ended. The first Ctrl C saves and stops, the second stops without
 * saving.
 */
export async function follow(
  launched: Run,
  sinceStep: number,
  { api, terminal, onInterrupt, now, ask }: Following,
): Promise<Exit> {
  const stream = new AbortController()
  let run = launched
  let interruptedMs: number | undefined
  const latest = new Map<MetricName, number>()
  const checkpoints = new Map<string, Checkpoint>()
  const live = liveAsker(api, terminal, ask)
  const release = onInterrupt(() => {
    if (interruptedMs !== undefined && now() - interruptedMs < sameKeyMs) return
    terminal.note(
      interruptedMs === undefined
        ? `Stopping, saving update ${run.step}. Ctrl C again stops without saving.`
        : 'Stopping without saving …',
    )
    interruptedMs = now()
    void api.call('runs.stop', { runId: run.id })
  })
  try {
    terminal.note(`${recipeOf(run.recipe).title}: “${run.name}” (${run.id})`)
    for await (const update of api.stream('runs.watch', { runId: run.id, sinceStep }, stream.signal)) {
      run = update.run ?? run
      for (const { name, value } of update.points ?? []) latest.set(name, value)
      for (const checkpoint of update.checkpoints ?? []) checkpoints.set(checkpoint.id, checkpoint)
      show(terminal, update, run, latest)
      live.follow(run)
      if (hasEnded(run)) break
    }
  } finally {
    stream.abort()
    live.end()
    release()
  }
  sayEnd(terminal, run, [...checkpoints.values()])
  if (run.state === 'finished') return exits.done
  return run.state === 'stopped' && interruptedMs !== undefined ? exits.interrupted : exits.failed
}

function show(
  terminal: Terminal,
  update: RunUpdate,
  run: Run,
  latest: ReadonlyMap<MetricName, number>,
): void {
  if (terminal.isJson) return terminal.result({ kind: 'update', ...update }, () => '')
  for (const line of update.log ?? []) terminal.note(line.text)
  if (run.state === 'queued') terminal.progress('waiting for the training before it …')
  else if (run.totalSteps > 0 && !run.waits) terminal.progress(progressLine(run, latest))
}

export function progressLine(run: Run, latest: ReadonlyMap<MetricName, number>): string {
  const { headline } = recipeOf(run.recipe)
  const value = latest.get(headline)
  const found = evidenceFrom(headline, (name) => latest.get(name))
  const evidence = found ? ` (${evidenceText(found)})` : ''
  const pace = latest.get('pace/tokens')
  return [
    `${bar(run.step / run.totalSteps)} ${count(run.step)} of ${count(run.totalSteps)} updates`,
    ...(value === undefined ? [] : [`${headline} ${metric(headline, value)}${evidence}`]),
    ...(pace === undefined ? [] : [`${count(Math.round(pace))} tokens/s`]),
    ...(run.leftMs === undefined ? [] : [`${duration(run.leftMs)} left`]),
  ].join(' · ')
}

function sayEnd(terminal: Terminal, run: Run, checkpoints: readonly Checkpoint[]): void {
  terminal.result({ kind: 'ended', run, checkpoints }, () => endText(run, checkpoints))
}

function endText(run: Run, checkpoints: readonly Checkpoint[]): string {
  const took =
    run.startedAtMs !== undefined && run.endedAtMs !== undefined
      ? ` in ${duration(run.endedAtMs - run.startedAtMs)}`
      : ''
  const kept = checkpoints.toSorted((a, b) => a.step - b.step).at(-1)
  return [
    `${labelOf(run.state)} at update ${count(run.step)} of ${count(run.totalSteps)}${took}.`,
    ...(run.error ? [run.error] : []),
    ...(kept ? [`Newest checkpoint: “${kept.name}” (${kept.id}).`] : []),
    ...(run.state !== 'finished' && run.resumableStep !== undefined
      ? [`studio resume ${run.id} continues from update ${count(run.resumableStep)}.`]
      : []),
  ].join('\n')
}
