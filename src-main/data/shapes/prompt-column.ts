/** The prompt column: text, with what Alpaca calls its input below it, or a conversation to be continued. */
import type { Completion } from '../../../src-shared/records/turn'
import { textOf, textOfValue, wellFormed } from './cells'
import type { Columns, Values } from './columns'
import { openTranscriptTurns } from './transcript'
import { isEmpty, isObject, unpacked } from './json-value'
import { isMessage, messagesIn, turnOf, turnsOf } from './turns'

export interface PromptSaid {
  readonly said: Completion
  /** Whether it was a transcript: what answers it begins with a space. */
  readonly isTranscript: boolean
}

/** @throws RowProblem */
export function promptIn(values: Values, columns: Columns<'prompt' | 'context'>): PromptSaid {
  const { prompt = 'prompt', context } = columns
  const value = values[prompt]
  const messages = messagesIn(value)
  if (messages) return { said: turnsOf(messages, prompt), isTranscript: false }
  if (isMessage(value)) return { said: [turnOf(value, `"${prompt}"`)], isTranscript: false }
  const asked = fullText(value) ?? textOf(values, prompt)
  const turns = openTranscriptTurns(asked)
  if (turns) return { said: turns, isTranscript: true }
  const about = context === undefined || context === prompt ? [] : textsAbout(values[context], context)
  return { said: about.length === 0 ? asked : [asked, ...about].join('\n\n'), isTranscript: false }
}

/** WebGPT's question is a text with where it was found. */
const fullText = (value: unknown): string | undefined => {
  const text = isObject(value) ? (value['full_text'] ?? value['text']) : undefined
  return typeof text === 'string' ? wellFormed(text, 'full_text') : undefined
}

/** What a text is called in an object, and several of them: HotpotQA's sentences, PubMedQA's contexts. */
const textNames = ['text', 'content', 'passage', 'paragraph', 'paragraph_text']
const listNames = ['sentences', 'contexts', 'text']

function partsOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value.flatMap((each) => (isObject(each) ? partsOf(each) : [each]))
  if (!isObject(value)) return [value]
  const text = textNames.map((name) => value[name]).find((each) => typeof each === 'string')
  const list = listNames.map((name) => value[name]).find((each) => Array.isArray(each))
  if (text !== undefined || !Array.isArray(list)) return [text ?? value]
  return list.map((each: unknown) => (Array.isArray(each) ? each.join('') : each))
}

/** One text, or several. @throws RowProblem for what is none, and would be dropped */
function textsAbout(value: unknown, name: string): readonly string[] {
  if (isEmpty(value)) return []
  return partsOf(unpacked(value)).flatMap((each) => {
    const text = textOfValue(each, name)
    return text.trim() === '' ? [] : [text]
  })
}
