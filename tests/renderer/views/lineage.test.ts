// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import RunsLineage from '../../../src-renderer/views/RunsLineage.vue'
import { aCheckpoint, aDataset, aRun } from '../../../src-renderer/dev/records'
import { aRoom } from '../../helpers/a-room'
import { channel, fakeApi } from '../../helpers/fake-api'

const runs = [
  aRun({ id: 'base', recipe: 'pretrain', inputs: { texts: ['text'] }, createdAtMs: 2 }),
  aRun({ id: 'sft', recipe: 'sft', inputs: { policy: ['c'], demonstrations: ['shown'] }, createdAtMs: 3 }),
  aRun({ id: 'other', recipe: 'pretrain', createdAtMs: 1 }),
]
const api = () =>
  fakeApi({
    calls: { 'labels.queues': () => [], 'arena.list': () => [] },
    streams: {
      'runs.changes': channel(() => ({ runs, removed: [], trends: [] })).items,
      'datasets.watch': channel(() => [aDataset({ id: 'text' }), aDataset({ id: 'shown' })]).items,
      'checkpoints.watch': channel(() => [aCheckpoint({ id: 'c', runId: 'base' })]).items,
    },
  })

describe('the lineage, by keys alone', () => {
  let room: Awaited<ReturnType<typeof aRoom>>
  beforeEach(async () => {
    room = await aRoom(RunsLineage, api(), '/runs?show=lineage&of=sft')
  })
  afterEach(() => room.leave())
  const current = (): string | undefined => room.view.find('.node[aria-current]').attributes('data-node')

  it('goes along a line to what it was made from, and back', async () => {
    expect(current()).toBe('sft')
    await room.press('ArrowLeft')
    expect(current()).toBe('base')
    await room.press('ArrowLeft')
    expect(current()).toBe('text')
    await room.press('ArrowRight')
    expect(current()).toBe('base')
  })

  it('says in words what the picture shows', () => {
    const words = room.view.find('aside').text().replace(/\s+/g, ' ')
    expect(words).toContain('Made frombasePretrainshown1,000 texts')
    expect(words).toContain('Used byNothing that is here.')
  })

  it('shows the line alone, and opens what is selected', async () => {
    expect(room.view.findAll('.node').length).toBe(5)
    await room.press('o')
    expect(room.view.find('[data-node="other"]').exists()).toBe(false)
    await room.press('Enter')
    expect(room.router.currentRoute.value.query).toEqual({ run: 'sft' })
  })
})
