// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { defineComponent, h } from 'vue'
import { aCheckpoint, aDataset, aRun } from '../../../src-renderer/dev/records'
import { useCheckpoints } from '../../../src-renderer/stores/checkpoints'
import { useDatasets } from '../../../src-renderer/stores/datasets'
import { useLaunch } from '../../../src-renderer/stores/launch/launch'
import { useToasts } from '../../../src-renderer/stores/toasts'
import { useRunFile } from '../../../src-renderer/views/launch-file'
import { runFileText } from '../../../src-shared/run-file-text'
import { aRoom } from '../../helpers/a-room'
import { channel, fakeApi } from '../../helpers/fake-api'

const run = aRun({
  ...{ id: 'r', name: 'sft-07', recipe: 'sft', settings: { epochs: 3, learningRate: 0.002 } },
  inputs: { policy: ['c'], demonstrations: ['d'] },
})
const names = new Map([
  ['c', 'base'],
  ['d', 'shown'],
])

describe('the file of a run, opened in Launch', () => {
  let room: Awaited<ReturnType<typeof aRoom>>
  let open: ReturnType<typeof useRunFile>
  beforeEach(async () => {
    const here = defineComponent({
      setup() {
        open = useRunFile()
        return () => h('p')
      },
    })
    const api = fakeApi({
      calls: { 'runs.check': () => ({ problems: [] }), 'devices.list': () => [] },
      streams: {
        'datasets.watch': channel(() => [aDataset({ id: 'd', name: 'shown', kind: 'demonstrations' })]).items,
        'checkpoints.watch': channel(() => [aCheckpoint({ id: 'c', name: 'base' })]).items,
      },
    })
    room = await aRoom(here, api, '/launch')
    await expect.poll(() => useDatasets().list.length + useCheckpoints().all.length).toBe(2)
  })
  afterEach(() => room.leave())
  const fileOf = (text: string): File => new File([text], 'one.json')

  it('fills the form with what was saved: recipe, settings, inputs by their names', async () => {
    await open(fileOf(runFileText(run, (id) => names.get(id))))
    const { recipe, draft } = useLaunch()
    expect(recipe).toBe('sft')
    expect(draft).toMatchObject({ name: 'sft-07', inputs: { policy: ['c'], demonstrations: ['d'] } })
    expect(draft.texts).toMatchObject({ epochs: '3', learningRate: '0.002' })
  })

  it('says what is wrong with it, and leaves the form alone', async () => {
    const said = (): string =>
      useToasts()
        .toasts.map(({ text }) => text)
        .join(' ')
    useLaunch().choose('dpo')
    await open(fileOf('{"recipe": "sft", "inputs": {"policy": "gone"}}'))
    expect(said()).toContain('one.json: "inputs.policy" needs the checkpoint “gone”, which is not here')
    await open(fileOf('no json'))
    expect(said()).toContain('one.json: is no JSON')
    await open(fileOf(' '.repeat(1_000_001)))
    expect(said()).toContain('too large')
    expect(useLaunch().recipe).toBe('dpo')
  })
})
