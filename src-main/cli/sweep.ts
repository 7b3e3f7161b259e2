/** Starts a sweep, or what a file describes, and follows it to its end. */
import { readFileSync } from 'node:fs'
import type { CallInput } from '../../src-shared/contract'
import { labelOf } from '../../src-shared/fields'
import { recipeOf, type KnownRecipe } from '../../src-shared/recipes/recipes'
import type { Run } from '../../src-shared/records/run'
import type { Sweep } from '../../src-shared/records/sweep'
import { StudioFailure } from '../../src-shared/result'
import { readRunFile } from '../../src-shared/run-file'
import { inputsHere } from '../../src-shared/run-file-inputs'
import { bestFirst, measuredBy, type Ranked } from '../../src-shared/sweeps/ranking'
import { inFlags, type OptionValues } from './recipe-options'
import { planFrom } from './sweep-flags'
import { exits, valueOf, type Exit } from './terminal'
import { count, figure, metric as withUnit, table } from './text'
import { follow, hasEnded, launchFrom, type Following } from './train'

export async function sweepFlagsCommand(
  recipe: KnownRecipe,
  options: OptionValues,
  following: Following,
): Promise<Exit> {
  const plan = planFrom(recipe, options)
  const launch = await launchFrom(recipe, options, following.api)
  return start(recipe, { ...launch, plan }, following)
}

/** A file of one run, or of a sweep of runs. */
export async function runFileCommand(path: string, following: Following): Promise<Exit> {
  const { api } = following
  const file = readRunFile(path, textOf(path))
  const { plan, inputs: _, ...launch } = file
  const inputs = inputsHere(path, file, {
    datasets: valueOf(await api.call('datasets.list', {})),
    checkpoints: valueOf(await api.call('checkpoints.list', {})),
  })
  if (plan) return start(recipeOf(file.recipe), { ...launch, inputs, plan }, following)
  return follow(valueOf(await api.call('runs.launch', { ...launch, inputs })), -1, following)
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const problem = `cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'no text'}`
    throw new StudioFailure({ kind: 'refused-file', file: path, problem })
  }
}

async function start(
  recipe: KnownRecipe,
  request: CallInput<'sweeps.launch'>,
  following: Following,
): Promise<Exit> {
  const launched = await following.api.call('sweeps.launch', request)
  if (!launched.ok) throw inFlags(new StudioFailure(launched.error), recipe)
  return followSweep(launched.value, following)
}

/** The first Ctrl C saves and stops the run under way; the others wait on in the registry. */
export async function followSweep(sweep: Sweep, { api, terminal, onInterrupt }: Following): Promise<Exit> {
  const stream = new AbortController()
  const rows = new Map<string, Ranked>()
  const measure = measuredBy(sweep)
  let isInterrupted = false
  const release = onInterrupt(() => {
    isInterrupted = true
    stream.abort()
  })
  try {
    terminal.note(`Sweep “${sweep.name}” (${sweep.id}): ${count(sweep.runIds.length)} runs.`)
    for await (const { runs, trends } of api.stream('runs.changes', {}, stream.signal)) {
      for (const run of runs) if (run.sweepId === sweep.id) rows.set(run.id, { ...rows.get(run.id), run })
      for (const { runId, last } of trends) {
        const row = rows.get(runId)
        if (row && last?.[measure] !== undefined) rows.set(runId, { ...row, value: last[measure] })
      }
      const all = [...rows.values()]
      if (all.every(({ run }) => hasEnded(run))) break
      terminal.progress(progressText(all, sweep))
    }
  } finally {
    stream.abort()
    release()
  }
  const all = [...rows.values()]
  terminal.result({ kind: 'sweep', sweep, runs: all.map(({ run }) => run) }, () => sweepText(sweep, all))
  if (isInterrupted) {
    terminal.note(`What runs is saved; the rest waits. \`studio sweep resume ${sweep.id}\` goes on.`)
    return exits.interrupted
  }
  return all.some(({ run }) => run.state === 'failed') ? exits.failed : exits.done
}

function progressText(rows: readonly Ranked[], sweep: Sweep): string {
  const under = rows.find(({ run }) => run.state === 'running')
  const done = rows.filter(({ run }) => hasEnded(run)).length
  const at = under
    ? ` · ${under.run.name}, update ${count(under.run.step)} of ${count(under.run.totalSteps)}`
    : ''
  const value = under?.value === undefined ? '' : ` · ${withUnit(measuredBy(sweep), under.value)}`
  return `${done} of ${rows.length} runs${at}${value}`
}

/** A line a run, the best first. */
export function sweepText(sweep: Sweep, rows: readonly Ranked[]): string {
  const metric = measuredBy(sweep)
  const settings = sweep.plan.axes.map(({ setting }) => setting)
  const said = (run: Run): string => run.error ?? run.stopReason ?? ''
  return table(
    ['run', 'name', 'state', ...settings.map(labelOf), 'updates', metric, ''],
    bestFirst(rows, metric).map(({ run, value }) => [
      run.id,
      run.name,
      run.state,
      ...settings.map((name) => String(run.settings[name] ?? '')),
      `${count(run.step)} of ${count(run.totalSteps)}`,
      value === undefined ? '' : figure(value),
      said(run),
    ]),
  )
}
