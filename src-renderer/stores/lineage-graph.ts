/** What was made from what, of all there is: datasets and their labels, runs, models from elsewhere, arenas. */
import type { Arena } from '../../src-shared/records/arena'
import type { Checkpoint } from '../../src-shared/records/checkpoint'
import type { LabelQueue } from '../../src-shared/records/comparison'
import type { Dataset } from '../../src-shared/records/dataset'
import type { Run } from '../../src-shared/records/run'
import { recipeOf } from '../../src-shared/recipes/recipes'
import { rowsText } from '../words/dataset-words'
import { parametersText } from '../words/model-words'

export interface LineageNode {
  readonly id: string
  readonly kind: 'dataset' | 'labels' | 'checkpoint' | 'run' | 'arena'
  readonly name: string
  /** Words under the name. */
  readonly detail: string
  /** A queue's or an arena's own id. */
  readonly queueId?: string
}
export interface LineageEdge {
  readonly from: string
  readonly to: string
  /** How much of it, where it has grown since. */
  readonly detail: string
}
export interface LineageGraph {
  /** In the order in which they were made. */
  readonly nodes: readonly LineageNode[]
  readonly edges: readonly LineageEdge[]
}

export interface AllThereIs {
  readonly runs: readonly Run[]
  readonly checkpoints: readonly Checkpoint[]
  readonly datasets: readonly Dataset[]
  readonly queues: readonly LabelQueue[]
  readonly arenas: readonly Arena[]
}

type Made = LineageNode & { readonly createdAtMs: number }

/** Datasets and models that nothing was made from are left out; so is what lies in the bin. */
export function lineageGraph(all: AllThereIs): LineageGraph {
  const origins = new Map(all.checkpoints.map(({ id, runId }) => [id, runId ?? id]))
  const originOf = (checkpointId: string): string => origins.get(checkpointId) ?? checkpointId
  const runs = all.runs.filter(({ shelf }) => shelf !== 'bin')
  const edges = [
    ...runs.flatMap((run) => runEdges(run, originOf, all.datasets)),
    ...all.queues.flatMap((queue) => queueEdges(queue, [queue.checkpointId], originOf)),
    ...all.arenas.flatMap((arena) =>
      queueEdges(
        arena,
        arena.contenders.map(({ checkpointId }) => checkpointId),
        originOf,
      ),
    ),
    ...all.checkpoints.flatMap(({ id, runId, base }) =>
      base && runId === undefined ? [{ from: originOf(base.id), to: id, detail: '' }] : [],
    ),
  ]
  const used = new Set(edges.flatMap(({ from, to }) => [from, to]))
  const made = nodesOf({ ...all, runs }).filter(({ id, kind }) => kind === 'run' || used.has(id))
  const known = new Set(made.map(({ id }) => id))
  const once = new Map(edges.map((edge) => [`${edge.from} ${edge.to}`, edge]))
  return {
    nodes: made.sort((a, b) => a.createdAtMs - b.createdAtMs).map(({ createdAtMs: _made, ...node }) => node),
    edges: [...once.values()].filter(({ from, to }) => from !== to && known.has(from) && known.has(to)),
  }
}

function runEdges(
  run: Run,
  originOf: (id: string) => string,
  datasets: readonly Dataset[],
): readonly LineageEdge[] {
  return Object.entries(recipeOf(run.recipe).inputs).flatMap(([name, input]) =>
    (run.inputs[name] ?? []).map((id) => ({
      from: input.type === 'checkpoint' ? originOf(id) : id,
      to: run.id,
      detail: thenText(
        run,
        datasets.find((dataset) => dataset.id === id),
      ),
    })),
  )
}

/** Judgments that came later made rows that the run was not made from. */
function thenText({ judgedRows }: Run, dataset: Dataset | undefined): string {
  const then = dataset && judgedRows?.[dataset.id]
  if (!dataset || then === undefined) return ''
  const since = dataset.rows - then
  return since > 0 ? `${rowsText({ ...dataset, rows: then })} then, ${since} since` : rowsText(dataset)
}

const queueEdges = (
  { datasetId, promptDatasetId }: LabelQueue,
  writers: readonly string[],
  originOf: (id: string) => string,
): readonly LineageEdge[] => [
  { from: promptDatasetId, to: datasetId, detail: 'prompts' },
  ...writers.map((id) => ({ from: originOf(id), to: datasetId, detail: 'wrote the completions' })),
]

function nodesOf({ runs, checkpoints, datasets, queues, arenas }: AllThereIs): Made[] {
  const arenaOf = new Map(arenas.map((arena) => [arena.datasetId, arena]))
  const queueOf = new Map(queues.map((queue) => [queue.datasetId, queue]))
  return [
    ...datasets.map((dataset) => datasetNode(dataset, queueOf.get(dataset.id), arenaOf.get(dataset.id))),
    ...checkpoints
      .filter(({ runId }) => runId === undefined)
      .map(({ id, name, parameters, createdAtMs }) => ({
        id,
        kind: 'checkpoint' as const,
        name,
        detail: parametersText(parameters),
        createdAtMs,
      })),
    ...runs.map(({ id, name, recipe, state, createdAtMs }) => ({
      id,
      kind: 'run' as const,
      name,
      detail: state === 'finished' ? recipeOf(recipe).title : `${recipeOf(recipe).title}, ${state}`,
      createdAtMs,
    })),
  ]
}

function datasetNode(dataset: Dataset, queue: LabelQueue | undefined, arena: Arena | undefined): Made {
  const { id, name, createdAtMs } = dataset
  const asked = arena ?? queue
  return {
    id,
    kind: arena ? 'arena' : queue ? 'labels' : 'dataset',
    name,
    detail: asked ? `${rowsText(dataset)} judged` : rowsText(dataset),
    ...(asked && { queueId: asked.id }),
    createdAtMs,
  }
}
