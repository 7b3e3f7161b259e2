/** A language model elsewhere that says how good completions are: AI feedback. */
import { choice, integer, number, text } from '../fields'
import type { RewardSource } from './reward-source'

/** What the address of an endpoint may be: no key in it, and nothing after the path. */
const address = /^https?:\/\/(?:[\w.-]+|\[[\da-f:]+\])(?::\d{1,5})?(?:\/[^\s?#]*)?$/i
/** As environment variables are called. A key itself has other letters in it. */
export const keyName = /^[A-Z_][A-Z0-9_]{0,63}$/

const judgeFields = {
  endpoint: text({
    group: 'Judge',
    default: 'http://127.0.0.1:8000/v1',
    check: (value) =>
      address.test(value)
        ? undefined
        : 'must be an address, as in http://127.0.0.1:8000/v1, without a key in it',
    doc:
      'Address of a server that speaks OpenAI’s chat completions: llama.cpp, vLLM, Ollama or a paid one. Prompts and ' +
      'completions are sent there.',
  }),
  name: text({ group: 'Judge', default: '', doc: 'The model that is asked, as the server calls it.' }),
  keyFrom: text({
    group: 'Judge',
    default: '',
    check: (value) =>
      value === '' || keyName.test(value)
        ? undefined
        : 'must be the name of an environment variable in capitals, as in OPENAI_API_KEY, never the key itself',
    doc:
      'Name of the key that Settings keeps, or of the environment variable that holds it, as in OPENAI_API_KEY; none ' +
      'for a server that wants none. The key itself is never stored with a run.',
  }),
  how: choice(['compare', 'score'], {
    group: 'Judge',
    default: 'compare',
    doc:
      'Compare: which of two completions is better, asked in both orders, of which only what is said both times ' +
      'counts (Zheng et al. 2023, §3.4). Score: each by itself, from 1 to 10; half the requests, and steadier where ' +
      'every prompt is answered once, as in PPO.',
  }),
  against: choice(['each-other', 'references'], {
    group: 'Judge',
    shownWhen: { how: 'compare' },
    default: 'each-other',
    doc:
      'Each other: each completion beside the next of the same prompt, which needs several of a prompt. References: ' +
      'beside the first completion that stands with the prompt in the dataset.',
  }),
  asks: choice(['preference', 'constitution', 'principle'], {
    group: 'Judge',
    default: 'preference',
    doc:
      'Preference: what the person who wrote the prompt would rather have (Lee et al. 2023, RLAIF). Constitution: by ' +
      'one of five principles each time, in turn (Bai et al. 2022, Constitutional AI). Principle: by a sentence of ' +
      'your own.',
  }),
  principle: text({
    group: 'Judge',
    shownWhen: { asks: 'principle' },
    default: 'A good answer is honest, helps, and encourages no harm.',
    doc: 'The sentence that completions are held against.',
  }),
  answerTokens: integer({
    group: 'Judge',
    default: 16,
    min: 1,
    max: 32_768,
    unit: 'tokens',
    doc:
      'The longest answer of the judge. It is asked for one word or number; a judge that thinks first needs some ' +
      'hundreds or thousands, which count as cost.',
  }),
  requestsPerMinute: integer({
    group: 'Judge',
    default: 600,
    min: 1,
    max: 60_000,
    unit: 'requests a minute',
    doc: 'No more are sent. A comparison takes two, one in either order; a score takes one.',
  }),
  atOnce: integer({
    group: 'Judge',
    default: 4,
    min: 1,
    max: 64,
    unit: 'requests',
    doc: 'Requests that are under way at once. A server on this machine may do better with one or two.',
  }),
  patience: integer({
    group: 'Judge',
    default: 120,
    min: 1,
    max: 3600,
    unit: 'seconds',
    doc: 'How long one answer may take before it is asked again.',
  }),
  priceRead: number({
    group: 'Judge',
    default: 0,
    min: 0,
    max: 10_000,
    unit: 'a million tokens',
    doc: 'Price of what the judge reads, in whatever money; with it or the other above 0 the cost is a curve.',
  }),
  priceWritten: number({
    group: 'Judge',
    default: 0,
    min: 0,
    max: 10_000,
    unit: 'a million tokens',
    doc: 'Price of what the judge writes.',
  }),
} as const

export const judgeModel = {
  title: 'Judge model',
  doc:
    'What a language model says when it is asked. Of two completions, in both orders: 1 for one that is better both ' +
    'times, −1 for one that is worse both times, else 0; the mean over its comparisons. Of one: 1 to 10.',
  range: '−1 … 1, or 1 … 10',
  references: 'offered',
  isAsked: true,
  fields: judgeFields,
  check: ({ name = '' }) =>
    name === '' ? [{ field: 'name', problem: 'is empty: say which model the server is to ask' }] : [],
} as const satisfies RewardSource
