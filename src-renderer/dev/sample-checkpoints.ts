/** Checkpoints of the page alone, brought in and sent out in memory. */
import type { Checkpoint, ModelImportProgress } from '../../src-shared/records/checkpoint'
import type { Signal } from '../../src-shared/wire'
import { aCheckpoint } from './records'
import { liveList, type LiveList } from './live-list'
import { found, pause, type Part } from './sample-answers'
import { checkpoints } from './sample-records'

export function sampleCheckpoints(): Part<'checkpoints'> {
  const list = liveList(checkpoints)
  return {
    calls: {
      'checkpoints.list': list.all,
      'checkpoints.rename': ({ checkpointId, name }) => {
        const renamed = { ...found(list.all(), 'checkpoint', checkpointId), name }
        list.put(renamed)
        return renamed
      },
      'checkpoints.remove': ({ checkpointId }) => list.remove(checkpointId),
      'checkpoints.export': ({ checkpointId, folder }) => {
        const { name, bytes } = found(list.all(), 'checkpoint', checkpointId)
        return { folder: `${folder}/${name}`, files: ['model.safetensors', 'config.json'], bytes }
      },
    },
    streams: {
      'checkpoints.watch': (_input, signal) => list.watch(signal),
      'checkpoints.import': ({ path }, signal) => bringIn(path, list, signal),
      'checkpoints.fetch': ({ address }, signal) => bringIn(address, list, signal),
    },
  }
}

async function* bringIn(
  from: string,
  list: LiveList<Checkpoint>,
  signal: Signal,
): AsyncIterable<ModelImportProgress> {
  for (let share = 0; share < 1 && !signal.aborted; share += 0.2) {
    yield { share }
    await pause(300, signal)
  }
  const done = aCheckpoint({ id: from, name: from, importedFrom: from, createdAtMs: Date.now() })
  list.put(done)
  yield { share: 1, done }
}
