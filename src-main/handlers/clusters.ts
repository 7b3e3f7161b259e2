/** Ray clusters: which there are, and how they answer. */
import type { Handlers } from '../border/serve'
import type { StudioParts } from './studio-parts'

export const clusterCalls = ({
  clusters,
}: StudioParts): Pick<Handlers['calls'], 'clusters.list' | 'clusters.add' | 'clusters.remove'> => ({
  'clusters.list': () => clusters.states(),
  'clusters.add': (named) => clusters.add(named),
  'clusters.remove': ({ name }) => clusters.remove(name),
})
