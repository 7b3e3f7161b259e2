/**
 * Everything the page can ask of main, and everything it can listen to. Both sides are compiled against these
 * rows; input is checked when it arrives.
 */
import { z } from 'zod'
import { fewestContenders, mostContenders, type Arena, type ArenaState } from './records/arena'
import { datasetContainers, datasetForms, type ExportedDataset } from './records/export'
import { verdicts } from './records/judgment'
import { hubKinds, type HubDataset, type HubFound, type HubModel, type HubPreview } from './records/hub'
import { judgmentFormats, labellingSchema, type JudgmentFile } from './records/labelling'
import type { ChatPiece, Serving } from './records/chat'
import { exportFormats, exportNumbers } from './records/checkpoint'
import type { Checkpoint, ExportedModel, ModelImportProgress } from './records/checkpoint'
import type { LabelAgreement } from './records/agreement'
import type { Comparison, Judged, LabelProgress, LabelQueue } from './records/comparison'
import type { ClusterState } from './records/cluster'
import type { Dataset, DatasetSummary, ImportPreview, ImportProgress } from './records/dataset'
import type { AppInfo, Device, RegistryState } from './records/device'
import type { ExamplePage, TokenView } from './records/example'
import type { KeptKeys } from './records/kept-keys'
import type { LiveAsking } from './records/live'
import type { ExportedRun, ImportedRun, LogLine, Run, RunCheck, RunsChange, RunUpdate } from './records/run'
import { weightFormats, type GeneratedPiece, type Sample } from './records/sample'
import { highestRating } from './rewards/person'
import { chatShape, said } from './chat-schema'
import { fetched, filter, hubAddress, readingWish } from './dataset-schema'
import { annotator, filePath, id, keptKey, launch, name, namedCluster } from './launch-schema'
import { promptSchema } from './prompt-schema'
import { samplingSchema } from './sampling'

interface Row<In extends z.ZodType, Out> {
  readonly input: In
  readonly out?: Out
}
const call = <const S extends z.ZodRawShape>(shape: S) => ({
  returns: <Out>(): Row<z.ZodObject<S>, Out> => ({
    input: z.strictObject(shape) as unknown as z.ZodObject<S>,
  }),
})
const stream = <const S extends z.ZodRawShape>(shape: S) => ({
  of: <Item>(): Row<z.ZodObject<S>, Item> => ({ input: z.strictObject(shape) as unknown as z.ZodObject<S> }),
})

export const calls = {
  'app.info': call({}).returns<AppInfo>(),
  'app.report': call({}).returns<{ readonly text: string }>(),
  /** The Ray clusters of this user, each as it answers now. */
  'clusters.list': call({}).returns<readonly ClusterState[]>(),
  'clusters.add': call(namedCluster).returns<ClusterState>(),
  'clusters.remove': call({ name: id }).returns<void>(),
  'devices.list': call({}).returns<readonly Device[]>(),
  /** Writes a whole copy of the registry, checkpoints too, into a file that does not exist yet. */
  'registry.copy': call({ path: filePath }).returns<{ readonly path: string }>(),

  /** Keys of servers elsewhere, by name: none comes back. */
  'keys.list': call({}).returns<KeptKeys>(),
  'keys.keep': call(keptKey).returns<KeptKeys>(),
  'keys.forget': call({ name: z.string().max(64) }).returns<KeptKeys>(),
  /** What keeps a thing from being deleted: asked before a person is. */
  'registry.users': call({ what: z.enum(['run', 'dataset', 'checkpoint']), id }).returns<{ by?: string }>(),

  'datasets.list': call({}).returns<readonly Dataset[]>(),
  /** What a file would be read as, by its first rows: nothing is stored. `path` is a local file. */
  'datasets.preview': call({ path: z.string().min(1), ...readingWish }).returns<ImportPreview>(),
  'datasets.page': call({
    datasetId: id,
    filter,
    offset: z.number().int().min(0),
    limit: z.number().int().min(1).max(500),
  }).returns<ExamplePage>(),
  'datasets.summary': call({ datasetId: id, filter }).returns<DatasetSummary>(),
  'datasets.flag': call({ exampleId: z.number().int(), isFlagged: z.boolean() }).returns<void>(),
  'datasets.rename': call({ datasetId: id, name }).returns<Dataset>(),
  /** A dataset that comes with the program, by its file: brought into the registry unless it is there. */
  'datasets.bundled': call({ fileName: z.string().min(1).max(200) }).returns<Dataset>(),
  /** Writes a dataset into a new file inside `folder`, which lies on main's machine. */
  'datasets.export': call({
    datasetId: id,
    form: z.enum(datasetForms),
    container: z.enum(datasetContainers),
    folder: z.string().trim().min(1, 'must not be empty').max(4000),
  }).returns<ExportedDataset>(),
  'datasets.remove': call({ datasetId: id }).returns<void>(),
  /** Tokens of a text under a checkpoint's tokenizer, or under the characters of the dataset itself. */
  'datasets.tokens': call({
    text: z.string().max(100_000),
    datasetId: id,
    checkpointId: id.optional(),
  }).returns<TokenView>(),

  /** Asks the hub; nothing else of this table's calls but those named `hub` leaves the machine. */
  'hub.search': call({ kind: z.enum(hubKinds), words: z.string().max(200) }).returns<readonly HubFound[]>(),
  /** What a dataset holds, before anything of it is fetched. */
  'hub.dataset': call({ address: hubAddress }).returns<HubDataset>(),
  /** Its first rows as they would be read; only the bytes that hold them are fetched. */
  'hub.preview': call({ address: hubAddress, ...readingWish }).returns<HubPreview>(),
  /** What a model holds, whether it is read and fits here; of its files only the description is fetched. */
  'hub.model': call({ address: hubAddress }).returns<HubModel>(),

  'checkpoints.list': call({}).returns<readonly Checkpoint[]>(),
  'checkpoints.rename': call({ checkpointId: id, name }).returns<Checkpoint>(),
  'checkpoints.remove': call({ checkpointId: id }).returns<void>(),
  /** Writes the model into a new folder of its own inside `folder`, which lies on main's machine. */
  'checkpoints.export': call({
    checkpointId: id,
    format: z.enum(exportFormats),
    /** The form's first unless said. */
    numbers: z.enum(exportNumbers).optional(),
    folder: z.string().min(1).max(4000),
  }).returns<ExportedModel>(),

  'labels.queues': call({}).returns<readonly LabelQueue[]>(),
  'labels.create': call({
    name,
    checkpointId: id,
    promptDatasetId: id,
    sampling: samplingSchema,
    goal: z.number().int().min(1).max(1_000_000),
    guidance: z.string().max(2000),
    /** Plain pairs unless it says otherwise. */
    labelling: labellingSchema.optional(),
  }).returns<LabelQueue>(),
  /** What counts here, said anew. */
  'labels.guide': call({ queueId: id, guidance: z.string().max(2000) }).returns<LabelQueue>(),
  'labels.agreement': call({ queueId: id }).returns<LabelAgreement>(),
  /** All judgments that count, as a file's text: a JSON object a line. */
  'labels.export': call({ queueId: id, format: z.enum(judgmentFormats) }).returns<JudgmentFile>(),
  /** Raises the queue's goal: more comparisons are written for it. */
  'labels.more': call({ queueId: id, count: z.number().int().min(1).max(1000) }).returns<LabelProgress>(),
  /** The oldest comparisons without a verdict, at most `count`, except those the page already holds. */
  'labels.next': call({
    queueId: id,
    count: z.number().int().min(1).max(8),
    holding: z.array(id).max(8),
    annotator: annotator.optional(),
  }).returns<readonly Comparison[]>(),
  /** Answers with how the queue stands now, and the next comparison to hold besides those already held. */
  'labels.judge': call({
    comparisonId: id,
    verdict: z.enum([...verdicts, 'answer']),
    margin: z.enum(['better', 'slightly']).optional(),
    /** With the verdict `answer`, in the form of the queue's mode. */
    answer: z.unknown().optional(),
    annotator: annotator.optional(),
    holding: z.array(id).max(8),
  }).returns<Judged>(),
  /** Takes back one's own newest verdict of the queue and answers with its comparison. */
  'labels.undo': call({ queueId: id, annotator: annotator.optional() }).returns<{
    readonly comparison?: Comparison
    readonly progress: LabelProgress
  }>(),

  /** What a run that waits asks a person, answered or not. */
  'live.questions': call({ runId: id }).returns<LiveAsking>(),
  'live.answer': call({
    runId: id,
    questionId: id,
    answer: z.number().int().min(-1).max(highestRating),
    annotator: annotator.optional(),
  }).returns<LiveAsking>(),
  /** Takes back the newest answer of the rollout that waits. */
  'live.undo': call({ runId: id, annotator: annotator.optional() }).returns<LiveAsking>(),

  'arena.list': call({}).returns<readonly Arena[]>(),
  /** Its comparisons are asked for and judged by `labels.next`, `labels.judge` and `labels.undo`: it is a queue. */
  'arena.create': call({
    name,
    promptDatasetId: id,
    contenders: z
      .array(z.strictObject({ checkpointId: id, sampling: samplingSchema }))
      .min(fewestContenders, 'must be at least two')
      .max(mostContenders),
    goal: z.number().int().min(1).max(1_000_000),
    guidance: z.string().max(2000),
  }).returns<Arena>(),
  /** New pairs are drawn of these contenders only, by their indices; the others rest and keep their verdicts. */
  'arena.draw': call({
    arenaId: id,
    drawn: z.array(z.number().int().min(0)).min(2).max(mostContenders),
  }).returns<Arena>(),
  'arena.state': call({ arenaId: id }).returns<ArenaState>(),
  /** A reward source scores both sides of all that people judged, from now on too. */
  'arena.judge': call({
    arenaId: id,
    rewards: z.string().max(2000),
    checkpointId: id.optional(),
  }).returns<ArenaState>(),
  'arena.unjudge': call({ arenaId: id, judgeId: id }).returns<ArenaState>(),

  /**
   * The same check that launch makes, for the form: nothing is started. What the run would take of the machine's
   * memory is not there while it has other problems, or for a device that nobody has measured.
   */
  'runs.check': call(launch).returns<RunCheck>(),
  'runs.launch': call(launch).returns<Run>(),
  'runs.stop': call({ runId: id }).returns<void>(),
  'runs.resume': call({ runId: id, device: id.optional() }).returns<Run>(),
  'runs.rename': call({ runId: id, name }).returns<Run>(),
  'runs.remove': call({ runId: id }).returns<void>(),
  /** Writes a run with all it was made from into a new file, on main's machine. */
  'runs.export': call({ runId: id, path: filePath }).returns<ExportedRun>(),
  /** Brings in the file of a run, whole or not at all; what is here already is recognised. */
  'runs.import': call({ path: filePath }).returns<ImportedRun>(),
  'runs.list': call({}).returns<readonly Run[]>(),
  'runs.show': call({ runId: id }).returns<{
    readonly run: Run
    readonly checkpoints: readonly Checkpoint[]
    readonly samples: readonly Sample[]
    readonly log: readonly LogLine[]
  }>(),

  /** Two generated samples become a comparison in a queue, sides drawn at random. */
  'samples.compare': call({ queueId: id, leftSampleId: id, rightSampleId: id }).returns<Comparison>(),

  /** Two completions of one conversation become a comparison in a queue, sides drawn at random. */
  'chat.compare': call({ queueId: id, prompt: promptSchema, left: said, right: said }).returns<Comparison>(),
  /** Whether checkpoints are served to other programs on this machine, and where. */
  'serving.state': call({}).returns<Serving>(),
  'serving.start': call({}).returns<Serving>(),
  'serving.stop': call({}).returns<Serving>(),
}

export const streams = {
  /** Whether the registry can still be saved into, and again whenever that changes. */
  'registry.watch': stream({}).of<RegistryState>(),
  /** Imports one file whole, or nothing of it. `path` is a local file. */
  'datasets.import': stream({
    path: z.string().min(1),
    name: name.optional(),
    ...readingWish,
  }).of<ImportProgress>(),
  /** Fetches a dataset's files from the hub, goes on where that was cut off, and imports them as one. */
  'datasets.fetch': stream({ ...fetched, ...readingWish }).of<ImportProgress>(),
  /** The list of datasets again whenever it changes; what judgments add to one is counted every two seconds. */
  'datasets.watch': stream({}).of<readonly Dataset[]>(),
  /**
   * Brings in a model's folder or file, or an adapter's onto a base, whole or not at all. `path` is local to
   * main.
   */
  'checkpoints.import': stream({
    path: z.string().trim().min(1, 'must not be empty').max(4000),
    name: name.optional(),
    baseId: id.optional(),
  }).of<ModelImportProgress>(),
  /** Fetches the files of a model from the hub that are needed, and imports it. */
  'checkpoints.fetch': stream({ ...fetched, baseId: id.optional() }).of<ModelImportProgress>(),
  /** The list of checkpoints again whenever it changes. */
  'checkpoints.watch': stream({}).of<readonly Checkpoint[]>(),
  /** How the queue stands, again whenever that changes by other than the asker's own verdicts. */
  'labels.watch': stream({ queueId: id }).of<LabelProgress>(),
  /** How an arena stands, again after each verdict. */
  'arena.watch': stream({ arenaId: id }).of<ArenaState>(),
  /**
   * All runs first, then each run again whenever its row changes, with its small curve at most every two seconds. A
   * run that was removed comes as its id alone.
   */
  'runs.changes': stream({}).of<RunsChange>(),
  /**
   * Stored points after `sinceStep`, samples, log and checkpoints first, then live batches, with neither gap
   * nor double.
   */
  'runs.watch': stream({ runId: id, sinceStep: z.number().int().min(-1) }).of<RunUpdate>(),
  /**
   * Both sides of one prompt, token by token, from the same seed. With one checkpoint only the left side is
   * written.
   */
  'samples.generate': stream({
    prompt: promptSchema,
    leftCheckpointId: id,
    rightCheckpointId: id.optional(),
    sampling: samplingSchema,
    weights: z.enum(weightFormats).optional(),
  }).of<GeneratedPiece>(),
  /** One checkpoint goes on from a conversation, or from what it began to say; nothing of it is stored. */
  'chat.write': stream(chatShape).of<ChatPiece>(),
}

export type CallName = keyof typeof calls
export type StreamName = keyof typeof streams
/** Input as it is sent: what is only read may be read-only. */
type Sent<T> = T extends readonly (infer Item)[]
  ? readonly Sent<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: Sent<T[Key]> }
    : T
export type CallInput<K extends CallName> = Sent<z.infer<(typeof calls)[K]['input']>>
export type CallOutput<K extends CallName> = (typeof calls)[K] extends Row<z.ZodType, infer Out> ? Out : never
export type StreamInput<K extends StreamName> = Sent<z.infer<(typeof streams)[K]['input']>>
export type StreamItem<K extends StreamName> =
  (typeof streams)[K] extends Row<z.ZodType, infer Item> ? Item : never

/** The table as types. */
export type StudioContract = {
  readonly calls: {
    readonly [K in CallName]: { readonly input: CallInput<K>; readonly output: CallOutput<K> }
  }
  readonly streams: {
    readonly [K in StreamName]: { readonly input: StreamInput<K>; readonly item: StreamItem<K> }
  }
}
