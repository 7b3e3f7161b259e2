/**
 * `vocab.json` with `merges.txt`, as GPT-2 has them, as the tokenizer.json that means the same. Source: Hugging Face
 * transformers, convert_slow_tokenizer.py, `GPT2Converter` and `Qwen2Converter`.
 */
import { cuts, type Cut } from '../importing/gguf-cuts'
import type { JsonObject } from '../weights/json-file'
import { refuse } from '../weights/refusal'

/** How texts are cut before they are merged, by the tokenizer's class in transformers. */
const cutOfClass: readonly (readonly [RegExp, Cut | undefined])[] = [
  [/^Qwen2Tokenizer/, cuts['qwen2']],
  [/^(GPT2|GPTNeoX|CodeGen|Roberta|Bart|OPT|PreTrained|LED|Longformer|Blenderbot)Tokenizer/, cuts['gpt-2']],
  [/^TokenizersBackend$/, cuts['gpt-2']],
]

/** Whether a class reads these files so. */
export const isCutHere = (name: string): boolean => cutOfClass.some(([pattern]) => pattern.test(name))

/** @throws WeightsError for a merge that joins no two tokens */
export function mergesTokenizer(vocabulary: JsonObject, merges: string, config: JsonObject): JsonObject {
  const name = String(config['tokenizer_class'] ?? 'GPT2Tokenizer')
  const cut = cutOfClass.find(([pattern]) => pattern.test(name))?.[1]
  if (!cut) return refuse(`its class is ${name}`)
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [],
    normalizer: cut.normalizer,
    pre_tokenizer:
      config['add_prefix_space'] === true && cut === cuts['gpt-2']
        ? { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true }
        : cut.pre_tokenizer,
    post_processor: null,
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: '',
      end_of_word_suffix: '',
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: vocabulary,
      merges: mergesIn(merges),
    },
  }
}

function mergesIn(text: string): readonly (readonly [string, string])[] {
  return text.split(/\r?\n/).flatMap((line, index) => {
    if (line === '' || line.startsWith('#version')) return []
    const [left, right, more] = line.split(' ')
    return left && right && more === undefined
      ? [[left, right] as const]
      : refuse(
          `line ${index + 1} of merges.txt, ${JSON.stringify(line.slice(0, 40))}, does not join two tokens`,
        )
  })
}
