/** No plans: the page alone trains nothing. */
import { found, type Part } from './sample-answers'

export function samplePlans(): Part<'plans'> {
  const none = (): never => found([], 'plan', '')
  return {
    calls: {
      'plans.check': () => ({ problems: [] }),
      'plans.start': none,
      'plans.list': () => [],
      'plans.stop': none,
      'plans.resume': none,
      'plans.enough': none,
      'plans.remove': none,
      'plans.work': () => [],
    },
    streams: {
      async *'plans.changes'() {
        yield []
      },
    },
  }
}
