/** A chat model's tokenizer of one token a byte: what it reads can be read again. */
import { huggingFaceTokenizer } from '../../src-main/model/tokenizers/hugging-face'
import type { Tokenizer } from '../../src-main/model/tokenizers/tokenizer'

const specials = ['<|endoftext|>', '<|im_start|>', '<|im_end|>']
const isPrinted = (byte: number): boolean =>
  (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174
const others = Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => !isPrinted(byte))
const letterOf = (byte: number): string =>
  String.fromCharCode(isPrinted(byte) ? byte : 256 + others.indexOf(byte))
const tokens = [...specials, ...Array.from({ length: 256 }, (_, byte) => letterOf(byte))]

export const chatml =
  "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + " +
  "'<|im_end|>\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"

export const byteChatFiles = {
  tokenizer: {
    added_tokens: specials.map((content, id) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: null,
    post_processor: null,
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: 'BPE',
      unk_token: null,
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges: [],
    },
  },
  config: { eos_token: '<|im_end|>', pad_token: '<|endoftext|>' },
}

export const byteChatTokenizer = (template = chatml): Tokenizer =>
  huggingFaceTokenizer({
    type: 'hugging-face',
    tokenizer: byteChatFiles.tokenizer,
    config: { ...byteChatFiles.config, chat_template: template },
    prompts: 'chat',
  })

/** Ids as text, special tokens too. */
export function readAgain(tokenizer: Tokenizer, ids: Int32Array): string {
  let text = ''
  let from = 0
  for (const [place, id] of [...ids, -1].entries()) {
    if (id >= specials.length) continue
    text += tokenizer.decode(ids.subarray(from, place)) + (specials[id] ?? '')
    from = place + 1
  }
  return text
}
