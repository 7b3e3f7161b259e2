import { describe, expect, it } from 'vitest'
import { watchRun } from '../../../src-renderer/stores/watched-run'
import type { RunUpdate } from '../../../src-shared/records/run'
import type { Api } from '../../../src-shared/wire'
import { StudioFailure } from '../../../src-shared/result'
import { settled } from '../../helpers/fake-api'
import { aSample } from '../../../src-renderer/dev/records'

describe('a run listened to anew after the line was lost', () => {
  it('has each sample once and its curve without a gap', async () => {
    const asked: number[] = []
    const api = {
      async *stream(_name: string, { sinceStep }: { readonly sinceStep: number }): AsyncGenerator<RunUpdate> {
        asked.push(sinceStep)
        if (asked.length === 1) {
          yield {
            samples: [aSample({ id: 'a' })],
            points: [
              { name: 'loss/train', step: 1, value: 4 },
              { name: 'loss/train', step: 2, value: 3 },
            ],
          }
          throw new StudioFailure({ kind: 'disconnected' })
        }
        yield {
          samples: [aSample({ id: 'a' }), aSample({ id: 'b' })],
          points: [{ name: 'loss/train', step: 3, value: 2 }],
        }
        await new Promise<void>(() => {})
      },
    } as unknown as Api
    const { watched, close } = watchRun(api, 'base-01')
    await settled(700)
    close()
    const series = watched.value.series.get('loss/train')
    expect(asked).toEqual([-1, 2])
    expect(series && [...series.values.subarray(0, series.length)]).toEqual([4, 3, 2])
    expect(watched.value.samples.map((sample) => sample.id)).toEqual(['a', 'b'])
    expect(watched.value.problem).toBeUndefined()
  })
})
