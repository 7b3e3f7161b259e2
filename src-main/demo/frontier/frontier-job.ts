/**
 * `demo --all`: every applicable algorithm from the same fine-tuned model, by each seed, each policy on its way
 * measured and held against the ceiling. A failure of one is told and does not touch the others; started again in the
 * same folder, only what is missing is done.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { duration, table } from '../../cli/text'
import { openEngine } from '../../compute/devices'
import type { Engine } from '../../compute/engine'
import { openRegistry } from '../../store/database'
import { checkpointsOfRun } from '../../store/checkpoints'
import type { DemoOptions } from '../demo-job'
import { DemoStopped, trainedOnce } from '../runs'
import type { Algorithm } from './algorithms'
import { keptIn, type Kept } from './kept'
import { measurePolicy, type MeasuredPolicy } from './measured-policy'
import { frontierPage } from './page'
import { frontierPicture } from './picture'
import type { FrontierPlan } from './plan'
import { linesOf, summed, type AlgorithmResult, type FrontierReport, type SeedWay } from './report'
import { frontierHeads, frontierRows } from './rows'
import { frontierStart, type FrontierStart, type FrontierWork } from './start'

export type FrontierOptions = Omit<DemoOptions, 'plan'> & { readonly plan: FrontierPlan }

interface Course {
  readonly engine: Engine
  readonly work: FrontierWork
  readonly start: FrontierStart
  readonly kept: Kept<MeasuredPolicy>
  note(text: string): void
}

/** @throws DemoStopped when the signal stops it, after what is there is reported */
export async function runFrontier(options: FrontierOptions): Promise<FrontierReport> {
  const { folder, terminal, device, now } = options
  await mkdir(folder, { recursive: true })
  const db = openRegistry(join(folder, 'registry.sqlite'))
  const engine = await openEngine(device)
  const startedMs = now()
  try {
    const work: FrontierWork = { ...options, db, say: (text) => terminal.progress(text) }
    const start = await frontierStart(engine, work)
    terminal.note(`${start.pool.length} texts of the fine-tuned model, ${start.pairs.rows} pairs of them`)
    const kept = await keptIn<MeasuredPolicy>(join(folder, 'measured.json'))
    const course: Course = { engine, work, start, kept, note: (text) => terminal.note(text) }
    const sft = await measured(course, start.sft.checkpoint)
    const { results, stopped } = await everyAlgorithm(course)
    const report = reportOf(options, course, { sft, results, seconds: (now() - startedMs) / 1000 })
    await writeReport(folder, report)
    terminal.result(report, (done) => closing(done, folder))
    if (stopped) throw stopped
    return report
  } finally {
    engine.dispose()
    db.close()
  }
}

/** Seeds one after the other, so that one that is stopped has every algorithm at least once. */
async function everyAlgorithm(
  course: Course,
): Promise<{ readonly results: readonly AlgorithmResult[]; readonly stopped?: DemoStopped }> {
  const { plan } = course.work
  const tallies = plan.algorithms.map((algorithm): Tally => ({
    algorithm,
    ways: [],
    failures: [],
    seconds: 0,
  }))
  const results = (): readonly AlgorithmResult[] =>
    tallies.map(({ algorithm: { name, title, recipe, settings }, ...tally }) => ({
      ...{ name, title, recipe, settings },
      ...tally,
    }))
  for (const seed of plan.seeds)
    for (const tally of tallies) {
      const stopped = await oneMore(course, tally, seed)
      if (stopped) return { results: results(), stopped }
    }
  return { results: results() }
}

/** What has come of one algorithm so far. */
interface Tally {
  readonly algorithm: Algorithm
  readonly ways: SeedWay[]
  readonly failures: string[]
  seconds: number
}

/** @returns why it was left, when the signal stopped it */
async function oneMore(course: Course, tally: Tally, seed: number): Promise<DemoStopped | undefined> {
  const { now } = course.work
  const { algorithm } = tally
  const startedMs = now()
  try {
    const way = await wayOf(course, algorithm, seed)
    tally.ways.push(way)
    course.note(endLine(algorithm, way))
  } catch (error) {
    if (error instanceof DemoStopped) return error
    if (!(error instanceof Error)) throw error
    tally.failures.push(`seed ${seed}: ${error.message}`)
    course.note(`! ${algorithm.title}, seed ${seed}: ${error.message}`)
  }
  tally.seconds += (now() - startedMs) / 1000
  return undefined
}

/** One algorithm by one seed: trained, and each of its checkpoints measured. */
async function wayOf(course: Course, algorithm: Algorithm, seed: number): Promise<SeedWay> {
  const { work, start } = course
  const { title, recipe, settings, pairsInto } = algorithm
  const { run } = await trainedOnce(
    work,
    {
      name: `${title}, seed ${seed}`,
      recipe,
      settings: { ...settings, seed },
      inputs: { policy: [start.sft.checkpoint.id], ...(pairsInto && { [pairsInto]: [start.pairs.id] }) },
    },
    ({ run: at }) => at && work.say(`${at.name} · ${at.step} of ${at.totalSteps}`),
  )
  const checkpoints = [...checkpointsOfRun(work.db, run.id)].sort((a, b) => a.step - b.step)
  const policies: MeasuredPolicy[] = []
  for (const checkpoint of checkpoints) policies.push(await measured(course, checkpoint))
  return { seed, policies }
}

function measured({ engine, work, start, kept }: Course, checkpoint: FrontierStart['sft']['checkpoint']) {
  return kept.once(checkpoint.id, () => {
    if (work.signal.aborted) throw new DemoStopped('Stopped. What was trained and measured is kept.')
    work.say(`measuring ${checkpoint.name}`)
    return measurePolicy({ engine, db: work.db, start }, checkpoint, work.plan.texts)
  })
}

function endLine({ title }: Algorithm, { seed, policies }: SeedWay): string {
  const at = policies.map(({ klToSft, meanReward }) => `${klToSft.toFixed(2)} → ${meanReward.toFixed(3)}`)
  return `${title}, seed ${seed}: KL → reward ${at.join(' · ')}`
}

function reportOf(
  { plan, seed, isQuick, programVersion }: FrontierOptions,
  { start, engine }: Course,
  {
    sft,
    results,
    seconds,
  }: {
    readonly sft: MeasuredPolicy
    readonly results: readonly AlgorithmResult[]
    readonly seconds: number
  },
): FrontierReport {
  return {
    sft,
    ...linesOf(start.rewards),
    algorithms: results.map((each) => summed(each, start.rewards)),
    texts: plan.texts,
    pool: plan.pool,
    pairs: start.pairs.rows,
    seconds,
    seed,
    isQuick,
    device: engine.device,
    programVersion,
  }
}

async function writeReport(folder: string, report: FrontierReport): Promise<void> {
  const shown = { ...report, table: [frontierHeads, ...frontierRows(report)] }
  await writeFile(join(folder, 'frontier.json'), `${JSON.stringify(shown, undefined, 1)}\n`)
  await writeFile(join(folder, 'frontier.svg'), frontierPicture(report))
  await writeFile(join(folder, 'frontier.html'), frontierPage(report))
}

const closing = (report: FrontierReport, folder: string): string =>
  [
    '',
    table(frontierHeads, frontierRows(report)),
    '',
    `${duration(1000 * report.seconds)} in all. Report: ${join(folder, 'frontier.html')}`,
    `Open it in the studio: npm start -- --registry ${join(folder, 'registry.sqlite')}`,
  ].join('\n')
