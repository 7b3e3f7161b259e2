/** How a completion ended, in words. */

interface Ended {
  readonly hasEnded: boolean
  readonly cutBy?: 'limit' | 'context' | undefined
}

const cut = { limit: 'cut at the limit', context: 'cut where the context ends' } as const

/** "ended by itself", "cut at the limit" */
export const endOf = ({ hasEnded, cutBy }: Ended): string =>
  hasEnded ? 'ended by itself' : cutBy === undefined ? 'cut before its end' : cut[cutBy]
