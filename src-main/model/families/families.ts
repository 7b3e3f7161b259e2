/** The families of decoders, one row each, by the names of `decoder-names.ts`. */
import type { Family } from './family'
import { gemma2, gemma3 } from './gemma'
import { gptNeo } from './gpt-neo'
import { granite } from './granite'
import { lfm2 } from './lfm2'
import { mistral } from './mistral'
import { olmo2 } from './olmo2'
import { opt } from './opt'
import { phi } from './phi'
import { qwen3 } from './qwen3'
import { smollm3 } from './smollm3'
import { stablelm } from './stablelm'

export const families: Readonly<Record<string, Family>> = {
  mistral,
  qwen3,
  smollm3,
  granite,
  olmo2,
  gemma2,
  gemma3_text: gemma3,
  gpt_neo: gptNeo,
  phi,
  stablelm,
  opt,
  lfm2,
}
