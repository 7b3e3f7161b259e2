import { describe, expect, it } from 'vitest'
import { lineageGraph, type AllThereIs } from '../../../src-renderer/stores/lineage-graph'
import { aCheckpoint, aDataset, aRun } from '../../../src-renderer/dev/records'
import { queue } from '../../../src-renderer/dev/sample-records'

const ask = { ...queue, id: 'q', datasetId: 'judged', promptDatasetId: 'prompts', checkpointId: 'c-base' }
const all: AllThereIs = {
  datasets: [
    aDataset({ id: 'text', name: 'Sentences' }),
    aDataset({ id: 'unused' }),
    aDataset({ id: 'prompts', kind: 'prompts', rows: 3 }),
    aDataset({ id: 'judged', kind: 'preferences', origin: 'judgments', rows: 30 }),
  ],
  runs: [
    aRun({ id: 'base', recipe: 'pretrain', inputs: { texts: ['text'] }, createdAtMs: 2 }),
    aRun({
      id: 'rm',
      recipe: 'reward',
      inputs: { base: ['c-base'], pairs: ['judged'] },
      judgedRows: { judged: 20 },
      createdAtMs: 3,
    }),
    aRun({ id: 'thrown', recipe: 'sft', inputs: { policy: ['c-base'] }, shelf: 'bin' }),
  ],
  checkpoints: [aCheckpoint({ id: 'c-base', runId: 'base' }), aCheckpoint({ id: 'alone' })],
  queues: [ask],
  arenas: [],
}
const lines = (of: AllThereIs = all): readonly string[] =>
  lineageGraph(of)
    .edges.map(({ from, to, detail }) => `${from} → ${to}${detail ? `: ${detail}` : ''}`)
    .sort()

describe('the lineage of all there is', () => {
  it('goes from texts through models and labels, each with how much was there then', () => {
    expect(lines()).toEqual([
      'base → judged: wrote the completions',
      'base → rm',
      'judged → rm: 20 pairs then, 10 since',
      'prompts → judged: prompts',
      'text → base',
    ])
  })

  it('leaves out what nothing was made from, and what lies in the bin', () => {
    expect(
      lineageGraph(all)
        .nodes.map(({ id }) => id)
        .sort(),
    ).toEqual(['base', 'judged', 'prompts', 'rm', 'text'])
  })

  it('shows an arena with all that it compares', () => {
    const contenders = ['c-base', 'alone'].map((checkpointId) => ({
      checkpointId,
      name: checkpointId,
      sampling: queue.sampling,
      isDrawn: true,
    }))
    const with2 = { ...all, queues: [], arenas: [{ ...ask, contenders }] }
    expect(lines(with2)).toContain('alone → judged: wrote the completions')
    expect(lineageGraph(with2).nodes.find(({ id }) => id === 'judged')?.kind).toBe('arena')
  })

  it('has no line to what is gone', () => {
    expect(lines({ ...all, datasets: [] })).toEqual(['base → rm'])
  })
})
