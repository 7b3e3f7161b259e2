/** Turns, briefly. */
import type { Conversation, Turn } from '../../src-shared/records/turn'

export const system = (content: string): Turn => ({ role: 'system', content })
export const user = (content: string): Turn => ({ role: 'user', content })
export const assistant = (content: string): Turn => ({ role: 'assistant', content })

export const asked = (...turns: readonly Turn[]): Conversation => ({ turns })
