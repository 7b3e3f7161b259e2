/** Keys of servers elsewhere: by name alone, once they are kept. */
import type { Handlers } from '../border/serve'
import type { StudioParts } from './studio-parts'

export const keyCalls = ({
  keys,
}: StudioParts): Pick<Handlers['calls'], 'keys.list' | 'keys.keep' | 'keys.forget'> => ({
  'keys.list': async () => keys.kept(),
  'keys.keep': async ({ name, key }) => {
    keys.keep(name, key)
    return keys.kept()
  },
  'keys.forget': async ({ name }) => {
    keys.forget(name)
    return keys.kept()
  },
})
