/**
 * Work of a stranger's pattern or template with an end to it. V8 ends it from outside, also in the middle of a
 * regular expression that tries every way: about 55 µs a call on the machine it was measured on.
 */
import { Script } from 'node:vm'
import type { Tokenizer } from '../model/tokenizers/tokenizer'

/** How long one text may take: a hundred times what the longest prompt takes with a sound tokenizer. */
const limitMs = 5000

/** A script sees nothing of this file but what hangs on the global object. */
const key = 'workInTime'
const script = new Script(`globalThis.${key}()`)

/** @throws Error saying that `what` did not come to an end */
export function inTime<T>(what: string, work: () => T, limit = limitMs): T {
  const holder = globalThis as { [key]?: () => T }
  holder[key] = work
  try {
    return script.runInThisContext({ timeout: limit }) as T
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error
    throw new Error(`${what} took more than ${limit / 1000} seconds and was ended`)
  } finally {
    delete holder[key]
  }
}

/** The same tokenizer; a text on which it does not come to an end is refused. */
export function inTimeTokenizer(tokenizer: Tokenizer): Tokenizer {
  const limited = <Given, Made>(work: (given: Given) => Made) => {
    return (given: Given): Made => inTime('its tokenizer or chat template', () => work(given))
  }
  const { chat } = tokenizer
  return {
    ...tokenizer,
    encode: limited((text) => tokenizer.encode(text)),
    encodeFirst: limited((text) => tokenizer.encodeFirst(text)),
    ...(chat && {
      chat: {
        ...chat,
        template: { render: limited((told) => chat.template.render(told)) },
        encode: limited((text) => chat.encode(text)),
      },
    }),
    decode: limited((ids) => tokenizer.decode(ids)),
    openDecoder: () => {
      const decoder = tokenizer.openDecoder()
      return {
        push: limited((id) => decoder.push(id)),
        end: () => inTime('its tokenizer', () => decoder.end()),
      }
    },
  }
}
