/** The ways of the room Compare: in its address, and kept for the next time. */
import type { Ref } from 'vue'
import { useKept } from './kept'

export const compareModes = { tokens: 'Tokens', arena: 'Arena', chat: 'Chat' } as const
export type CompareMode = keyof typeof compareModes

export const modeIn = (said: unknown): CompareMode | undefined =>
  typeof said === 'string' && Object.hasOwn(compareModes, said) ? (said as CompareMode) : undefined

export const useKeptMode = (): Ref<CompareMode> => useKept<CompareMode>('compare-mode', 'tokens', modeIn)
