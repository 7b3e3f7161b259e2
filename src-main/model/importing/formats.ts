/**
 * The formats that models are read from, one row each. The first that recognises what lies at a path reads it;
 * the last takes every other folder, and says what it lacks.
 */
import { ggufFormat } from './gguf-model'
import { huggingFaceFormat } from './hugging-face-folder'
import { ownAdapterFormat, ownModelFormat } from './own-file'
import { peftFormat } from './peft-model'
import { rwkvFormat } from './rwkv-folder'

export const readFormats = {
  gguf: ggufFormat,
  'own-model': ownModelFormat,
  'own-adapter': ownAdapterFormat,
  peft: peftFormat,
  rwkv: rwkvFormat,
  'hugging-face': huggingFaceFormat,
} as const
