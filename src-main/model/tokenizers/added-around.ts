/**
 * What a tokenizer puts before a text by itself: its post-processor's special tokens, unless `tokenizer_config.json`
 * says outright whether there is a begin token. Source: Hugging Face transformers, tokenization_utils_tokenizers.py,
 * `TokenizersBackend.update_post_processor`.
 */
import { isObject, partIn, type Json } from './hugging-face-json'

/** @returns ids before every text: most often none, or the begin token */
export function beforeTexts(
  tokenizer: Json,
  config: Json,
  idOf: ReadonlyMap<string, number>,
  beginToken: number,
): readonly number[] {
  const stated = config['add_bos_token']
  if (typeof stated === 'boolean') return stated ? [beginToken] : []
  return beforeIn(partIn(tokenizer, 'post_processor'), idOf)
}

function beforeIn(processor: Json | undefined, idOf: ReadonlyMap<string, number>): readonly number[] {
  switch (processor?.['type']) {
    case 'TemplateProcessing':
      return beforeTemplate(processor)
    case 'BertProcessing':
    case 'RobertaProcessing': {
      const cls: unknown = Array.isArray(processor['cls']) ? processor['cls'][0] : undefined
      const id = typeof cls === 'string' ? idOf.get(cls) : undefined
      return id === undefined ? [] : [id]
    }
    case 'Sequence':
      return (Array.isArray(processor['processors']) ? (processor['processors'] as unknown[]) : []).flatMap(
        (each) => beforeIn(isObject(each) ? each : undefined, idOf),
      )
    default:
      return []
  }
}

/** The special tokens of a template up to where the text stands. */
function beforeTemplate({ single, special_tokens: tokens }: Json): readonly number[] {
  const parts: readonly unknown[] = Array.isArray(single) ? single : []
  const text = parts.findIndex((part) => isObject(part) && isObject(part['Sequence']))
  return parts.slice(0, Math.max(0, text)).flatMap((part) => {
    const name = isObject(part) && isObject(part['SpecialToken']) ? part['SpecialToken']['id'] : undefined
    const known = isObject(tokens) && typeof name === 'string' ? tokens[name] : undefined
    const ids: unknown = isObject(known) ? known['ids'] : undefined
    return Array.isArray(ids) ? ids.filter((id): id is number => Number.isSafeInteger(id)) : []
  })
}
