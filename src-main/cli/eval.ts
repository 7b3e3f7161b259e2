/**
 * `studio eval CHECKPOINT … --prompts DATASET`: what checkpoints write to the prompts of a dataset, measured by suites.
 * Reads the registry, writes nothing but the report that is asked for.
 */
import { writeFileSync } from 'node:fs'
import type { Example } from '../../src-shared/records/example'
import type { Prompt } from '../../src-shared/records/turn'
import { StudioFailure } from '../../src-shared/result'
import type { SamplingName, SamplingSettings } from '../../src-shared/sampling'
import { openEngine } from '../compute/devices'
import type { Engine } from '../compute/engine'
import { prompts, references, texts } from '../data/training-data'
import { logProbsOf } from '../evaluation/log-probs-of'
import type { SuiteGiven, Written } from '../evaluation/suites/suite'
import { suiteNames, suites, type SuiteName } from '../evaluation/suites/suites'
import { loadModel } from '../model/checkpoint'
import type { LanguageModel } from '../model/model'
import { openTextWriter } from '../model/writing/generation'
import { bestWritten } from '../processes/best-written'
import { textScorer } from '../processes/text-scorer'
import { filesOfCheckpoint, listCheckpoints } from '../store/checkpoints'
import { listDatasets } from '../store/datasets'
import { examplesOf } from '../store/examples'
import type { ReadableDb } from '../store/handle'
import { evalPage } from './eval-page'
import type { Evaluated, EvalReport } from './eval-report'
import { measureText } from './eval-text'
import { byNameOrId } from './look-up'
import { samplingFrom } from './sampling-options'
import type { Terminal } from './terminal'
import { table } from './text'

export interface EvalOptions extends Readonly<Record<SamplingName, string>> {
  readonly prompts: string
  readonly suite?: string
  readonly texts: string
  readonly training?: string
  readonly report?: string
  readonly device?: string
}

interface Place {
  readonly db: ReadableDb
  readonly terminal: Terminal
  readonly version: string
  readonly now: () => number
}

export async function evalCommand(
  { db, terminal, version, now }: Place,
  asked: readonly string[],
  options: EvalOptions,
  signal: AbortSignal,
): Promise<void> {
  const sampling = samplingFrom(options)
  const wanted = suitesFrom(options.suite)
  const checkpoints = asked.map((each) => byNameOrId(listCheckpoints(db), each, 'CHECKPOINT'))
  const dataset = byNameOrId(listDatasets(db), options.prompts, '--prompts')
  const given = givenFrom(db, dataset.id, options)
  const engine = await openEngine(options.device)
  const evaluated: Evaluated[] = []
  try {
    for (const { id, name } of checkpoints) {
      terminal.progress(`“${name}” writes ${given.prompts.length} texts …`)
      const model = await writerOf(filesOfCheckpoint(db, id).path, name)
      const texts = await writtenBy({ engine, model, db }, given.prompts, sampling, signal)
      terminal.progress(`“${name}” is measured …`)
      const measured = await measuredBy(wanted, {
        ...given,
        texts,
        logProbsOf: (pairs) => logProbsOf(engine, model, pairs),
      })
      evaluated.push({ checkpoint: { id, name }, suites: measured, texts })
    }
  } finally {
    engine.dispose()
  }
  const used = given.prompts.length
  const report = {
    prompts: { id: dataset.id, name: dataset.name, used },
    sampling,
    version,
    atMs: now(),
    evaluated,
  }
  if (options.report !== undefined) writeFileSync(options.report, evalPage(report))
  terminal.result(report, () => reportText(report, options.report))
}

type Given = Omit<SuiteGiven, 'texts' | 'logProbsOf'> & { readonly prompts: readonly Prompt[] }

function givenFrom(db: ReadableDb, datasetId: string, { texts: count, training }: EvalOptions): Given {
  const most = Number(count)
  if (!Number.isInteger(most) || most < 1) refuse('--texts', 'must be a whole number from 1')
  const examples: Example[] = [...examplesOf(db, datasetId)]
  const asked = prompts(examples).slice(0, most)
  if (asked.length === 0) refuse('--prompts', 'has no prompts: what would be answered?')
  const beside = references(examples)
  const hasReferences = [...beside.values()].some(({ length }) => length > 0)
  const learned = training === undefined ? undefined : byNameOrId(listDatasets(db), training, '--training')
  return {
    prompts: asked,
    ...(hasReferences && { references: beside }),
    ...(learned && { training: texts(examplesOf(db, learned.id)) }),
  }
}

function suitesFrom(text: string | undefined): readonly SuiteName[] {
  if (text === undefined) return suiteNames
  return text.split(',').map((each) => {
    const found = suiteNames.find((name) => name === each.trim())
    return found ?? refuse('--suite', `has “${each.trim()}”: there are ${suiteNames.join(', ')}`)
  })
}

async function writerOf(path: string, name: string): Promise<LanguageModel> {
  const { model } = await loadModel(path)
  return model.kind === 'language-model'
    ? model
    : refuse('CHECKPOINT', `“${name}” is a reward model; it writes no text`)
}

async function writtenBy(
  { engine, model, db }: { readonly engine: Engine; readonly model: LanguageModel; readonly db: ReadableDb },
  asked: readonly Prompt[],
  sampling: SamplingSettings,
  signal: AbortSignal,
): Promise<readonly Written[]> {
  const writer = openTextWriter(engine, model, 'as-they-are')
  try {
    const found = await bestWritten({ writer, score: textScorer(db) }, asked, sampling, signal)
    return found.map(({ text, tokens, hasEnded }, place) => ({
      prompt: asked[place] as Prompt,
      completion: text,
      tokens,
      hasEnded,
    }))
  } finally {
    writer.dispose()
  }
}

/** Suites that need what is not given are left out. */
async function measuredBy(wanted: readonly SuiteName[], given: SuiteGiven): Promise<Evaluated['suites']> {
  const measured = []
  for (const name of wanted) {
    const { title, needs, measure } = suites[name]
    if (needs && !given[needs]) continue
    measured.push({ name, title, measures: await measure(given) })
  }
  return measured
}

function reportText({ evaluated, prompts: { name, used } }: EvalReport, file: string | undefined): string {
  const [first] = evaluated
  const rows = (first?.suites ?? []).flatMap(({ title, measures }, suite) => [
    [title, ...evaluated.map(() => '')],
    ...measures.map((measure, place) => [
      `  ${measure.name}`,
      ...evaluated.map((each) => {
        const one = each.suites[suite]?.measures[place]
        return one ? measureText(one) : ''
      }),
    ]),
  ])
  return [
    `${used} prompts of “${name}”`,
    table(['', ...evaluated.map(({ checkpoint }) => checkpoint.name)], rows),
    ...(file === undefined ? [] : [`The report is ${file}.`]),
  ].join('\n')
}

function refuse(field: string, problem: string): never {
  throw new StudioFailure({ kind: 'invalid-input', field, problem })
}
