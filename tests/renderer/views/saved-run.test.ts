// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { defineComponent, h, ref } from 'vue'
import RunHeader from '../../../src-renderer/components/runs/RunHeader.vue'
import { aCheckpoint, aDataset, aRun } from '../../../src-renderer/dev/records'
import { useCheckpoints } from '../../../src-renderer/stores/checkpoints'
import { useDatasets } from '../../../src-renderer/stores/datasets'
import { useSavedRun } from '../../../src-renderer/views/run-actions'
import { aRoom, type Room } from '../../helpers/a-room'
import { channel, fakeApi, settled } from '../../helpers/fake-api'

const run = aRun({
  ...{ id: 'r', name: 'sft:07', recipe: 'sft', settings: { epochs: 3 }, state: 'finished' },
  inputs: { policy: ['c'], demonstrations: ['d', 'gone'] },
})

describe('a run saved as a file from its menu', () => {
  let room: Room
  const saved: { readonly name: string; readonly text: Promise<string> }[] = []
  beforeEach(async () => {
    saved.length = 0
    let blob = new Blob()
    vi.spyOn(URL, 'createObjectURL').mockImplementation((given) => {
      blob = given as Blob
      return 'blob:run'
    })
    vi.spyOn(URL, 'revokeObjectURL').mockReturnValue()
    vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function click(
      this: HTMLAnchorElement,
    ) {
      saved.push({ name: this.download, text: blob.text() })
    })
    const here = defineComponent({
      setup() {
        const save = useSavedRun(ref(run))
        const shown = { run, now: 1, stepUnit: 'updates', place: undefined, canCompare: true }
        return () => h(RunHeader, { ...shown, hasPrimaryBelow: false, onSave: save })
      },
    })
    const api = fakeApi({
      streams: {
        'datasets.watch': channel(() => [aDataset({ id: 'd', name: 'shown' })]).items,
        'checkpoints.watch': channel(() => [aCheckpoint({ id: 'c', name: 'base' })]).items,
      },
    })
    room = await aRoom(here, api, '/runs')
    await expect.poll(() => useDatasets().list.length + useCheckpoints().all.length).toBe(2)
  })
  afterEach(() => {
    room.leave()
    vi.restoreAllMocks()
  })

  it('has all it was launched with, inputs by their names, under a name that a file can have', async () => {
    await room.view.get('button[aria-label=More]').trigger('keydown', { key: 'Enter' })
    await settled(20)
    const items = [...document.querySelectorAll<HTMLElement>('[role=menuitem]')]
    items.find((item) => item.textContent?.includes('Save as a file'))!.click()
    await settled(20)
    expect(saved).toHaveLength(1)
    expect(saved[0]!.name).toBe('sft 07.json')
    expect(JSON.parse(await saved[0]!.text)).toMatchObject({
      ...{ recipe: 'sft', name: 'sft:07', settings: { epochs: 3 } },
      inputs: { policy: 'base', demonstrations: ['shown', 'gone'] },
    })
  })
})
