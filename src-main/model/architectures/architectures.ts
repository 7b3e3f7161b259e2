/** The architectures, one row each: everything but their networks, which stand in `networks.ts`. */
import { decoder } from './decoder'
import { gpt } from './gpt'
import { llama } from './llama'
import { neox } from './neox'
import { palm } from './palm'
import { rwkv4 } from './rwkv4'
import { rwkv7 } from './rwkv7'

export const architectures = { gpt, llama, decoder, neox, palm, rwkv4, rwkv7 } as const
