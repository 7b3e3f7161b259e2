/** The exhibits of the gallery: a component, the state it is in, and what it is given. */
import type { Component } from 'vue'
import CompareActions from '../components/compare/CompareActions.vue'
import CompareEmpty from '../components/compare/CompareEmpty.vue'
import CompareSide from '../components/compare/CompareSide.vue'
import Sparkline from '../components/charts/Sparkline.vue'
import DatasetHeader from '../components/datasets/DatasetHeader.vue'
import ImportNotes from '../components/datasets/ImportNotes.vue'
import LengthHistograms from '../components/datasets/LengthHistograms.vue'
import NoExamples from '../components/datasets/NoExamples.vue'
import WelcomePane from '../components/datasets/WelcomePane.vue'
import OfflineNote from '../components/frame/OfflineNote.vue'
import JudgeBench from '../components/label/JudgeBench.vue'
import LabelEmpty from '../components/label/LabelEmpty.vue'
import QueueDone from '../components/label/QueueDone.vue'
import RunAlarms from '../components/runs/RunAlarms.vue'
import RunHeader from '../components/runs/RunHeader.vue'
import RunLog from '../components/runs/RunLog.vue'
import RunNext from '../components/runs/RunNext.vue'
import RunsEmpty from '../components/runs/RunsEmpty.vue'
import SampleTable from '../components/runs/SampleTable.vue'
import SettingsTable from '../components/runs/SettingsTable.vue'
import TurnList from '../components/turns/TurnList.vue'
import { nextSteps } from '../words/next-steps'
import type { LabelProgress } from '../../src-shared/records/comparison'
import type { Run } from '../../src-shared/records/run'
import { logOf, samplesOf, trendOf } from './sample-curves'
import { comparisonAt } from './sample-labels'
import { checkpoints, datasets, queue, runs } from './sample-records'
import { answerAt, conversationAt } from './sample-conversations'
import { longText, praiseAt, summaryOf } from './sample-texts'

export interface Exhibit {
  readonly title: string
  readonly state: string
  readonly component: Component
  readonly props: Readonly<Record<string, unknown>>
}

const nowMs = Date.now()

const states = (
  title: string,
  component: Component,
  given: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
): readonly Exhibit[] => Object.entries(given).map(([state, props]) => ({ title, state, component, props }))

const runIn = (state: Run['state']): Run => runs.find((run) => run.state === state) ?? runs[0]!
const header = (state: Run['state'], over: Partial<Run> = {}) => ({
  run: { ...runIn(state), ...over },
  now: nowMs,
  stepUnit: 'updates',
  place: state === 'queued' ? 1 : undefined,
  canCompare: state === 'finished',
  hasPrimaryBelow: false,
})

const progress: LabelProgress = { judged: 46, goal: 100, pairs: 36, ahead: 14, recent: [] }
const bench = {
  queue,
  shown: undefined,
  progress,
  problem: undefined,
  lit: undefined,
  canTrain: true,
  isConnected: true,
  isGuided: false,
}
const side = { side: 'left', name: 'base-01', text: '', tokens: 0, tokensASecond: undefined }
const written = { ...side, text: praiseAt(1), tokens: 14 }
const actions = { queues: [queue], queue, isBlind: true, canGenerate: true, canReveal: true }
const [pairs, , , , named] = datasets
const summary = pairs && summaryOf(pairs, pairs.rows)
const running = runIn('running')
const finished = runIn('finished')
const after = nextSteps(
  finished,
  checkpoints.find(({ runId }) => runId === finished.id),
  { checkpoints: new Map(checkpoints.map((one) => [one.id, one])), datasets: new Map() },
)

export const exhibits: readonly Exhibit[] = [
  ...states('WelcomePane', WelcomePane, { empty: {} }),
  ...states('TurnList', TurnList, {
    prompt: { said: conversationAt(1), label: 'Prompt' },
    'from right to left': { said: conversationAt(4), label: 'Prompt' },
    completion: { said: answerAt(1), label: 'Completion' },
    searched: { said: answerAt(1), label: 'Completion', search: 'kettle tent' },
  }),
  ...states('DatasetHeader', DatasetHeader, {
    loading: { dataset: pairs, summary: undefined, nowMs },
    full: { dataset: pairs, summary, nowMs },
    'long text': { dataset: named, summary, nowMs },
  }),
  ...states('ImportNotes', ImportNotes, {
    loading: { imports: [{ id: 1, fileName: 'pairs.jsonl', startedAtMs: nowMs }], nowMs },
    failed: { imports: [{ id: 1, fileName: 'pairs.jsonl', problem: 'line 41: “chosen” is missing' }], nowMs },
  }),
  ...states('LengthHistograms', LengthHistograms, {
    loading: { kind: 'preferences', summary: undefined, isFiltered: false },
    full: { kind: 'preferences', summary, isFiltered: false },
    filtered: { kind: 'preferences', summary: pairs && summaryOf(pairs, 300), isFiltered: true },
  }),
  ...states('NoExamples', NoExamples, { empty: { isEmpty: true }, 'none match': { isEmpty: false } }),
  ...states('OfflineNote', OfflineNote, { offline: {} }),
  ...states('LabelEmpty', LabelEmpty, {
    'no model': { hasWriter: false },
    'no prompts': { hasWriter: true },
  }),
  ...states('JudgeBench', JudgeBench, {
    loading: { ...bench, progress: { ...progress, ahead: 0 } },
    full: { ...bench, shown: comparisonAt(2) },
    'long text': { ...bench, shown: comparisonAt(8) },
    failed: { ...bench, shown: comparisonAt(2), problem: 'The disk is full.' },
    'no more': { ...bench, progress: { ...progress, problem: 'The checkpoint’s file is gone.' } },
  }),
  ...states('QueueDone', QueueDone, {
    full: { progress: { ...progress, judged: 100 }, mode: 'pair', canTrain: true },
  }),
  ...states('RunHeader', RunHeader, {
    queued: header('queued'),
    running: header('running'),
    stopping: header('running', { state: 'stopping' }),
    finished: header('finished'),
    stopped: header('stopped'),
    'failed, long text': header('failed', {
      name: 'a-run-with-a-name-that-says-all-its-settings-'.repeat(3),
    }),
  }),
  ...states('RunNext', RunNext, { full: { steps: after } }),
  ...states('RunAlarms', RunAlarms, { full: { log: logOf(running), canStop: true } }),
  ...states('RunLog', RunLog, { empty: { log: [] }, full: { log: logOf(runIn('failed')) } }),
  ...states('RunsEmpty', RunsEmpty, { empty: {} }),
  ...states('SampleTable', SampleTable, {
    empty: { samples: [], isLive: true },
    full: { samples: samplesOf(running, 0, 200), isLive: true },
  }),
  ...states('SettingsTable', SettingsTable, {
    one: { run: running },
    two: { run: running, other: runIn('failed') },
  }),
  ...states('Sparkline', Sparkline, { full: { ...trendOf(running), lastStep: running.totalSteps } }),
  ...states('CompareEmpty', CompareEmpty, { empty: {} }),
  ...states('CompareSide', CompareSide, {
    empty: { ...side, state: 'empty' },
    loading: { ...side, state: 'waiting' },
    writing: { ...written, state: 'writing' },
    full: { ...written, state: 'ended', tokensASecond: 1240 },
    'long text, stopped': { ...written, text: longText, tokens: 400, state: 'stopped' },
  }),
  ...states('CompareActions', CompareActions, {
    waiting: { ...actions, canCompare: false, isMade: false },
    full: { ...actions, canCompare: true, isMade: false },
    made: { ...actions, canCompare: true, isMade: true },
    'no queue': { ...actions, queues: [], queue: undefined, canCompare: true, isMade: false },
  }),
]
