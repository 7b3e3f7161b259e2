/** No sweeps: the page alone trains nothing. */
import { found, type Part } from './sample-answers'

export function sampleSweeps(): Part<'sweeps'> {
  const none = (): never => found([], 'sweep', '')
  return {
    calls: {
      'sweeps.check': () => ({ problems: [], tries: [] }),
      'sweeps.launch': none,
      'sweeps.list': () => [],
      'sweeps.stop': none,
      'sweeps.resume': none,
    },
    streams: {
      async *'sweeps.changes'() {
        yield []
      },
    },
  }
}
