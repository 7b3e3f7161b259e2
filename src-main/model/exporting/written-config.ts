/**
 * config.json as transformers reads it. Its configurations check types, and to Python 30 is no float: what is one
 * there is written with a point. Source: Hugging Face transformers 5, the configurations of the families known here.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { JsonObject } from '../weights/json-file'

const floats = [
  'initializer_range',
  'init_std',
  'rms_norm_eps',
  'layer_norm_eps',
  'layer_norm_epsilon',
  'norm_eps',
  'attn_logit_softcapping',
  'final_logit_softcapping',
  'attention_factor',
  'rope_theta',
]

/** A line of JSON laid out a field a line: no text in it has a line break. */
const wholeFloat = new RegExp(`^( *"(?:${floats.join('|')})": -?\\d+)(?=,?$)`, 'gm')

export const writeConfig = (folder: string, config: JsonObject): Promise<void> =>
  writeFile(
    join(folder, 'config.json'),
    `${JSON.stringify(config, null, 2).replaceAll(wholeFloat, '$1.0')}\n`,
  )
