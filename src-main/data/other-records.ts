/**
 * Rows as annotation programs and question sets nest them, laid flat: records of Argilla 2 and 1, tasks of Label
 * Studio, and SQuAD's answers, of which each is a row. What several people said is what most of them said.
 */
import { unpacked, isObject, type Fields } from './shapes/json-value'
import type { SourceRow } from './rows'
import { withOrder } from './said-orders'

/** The row as it is, unless it is one of those. */
export function laidFlat(row: SourceRow): readonly SourceRow[] {
  const { values } = row
  if (isObject(values['fields']) && ('responses' in values || 'suggestions' in values))
    return [judged(row, values['fields'], questionsOfRecord(values))]
  if (isObject(values['data']) && Array.isArray(values['annotations']))
    return [judged(row, values['data'], questionsOfTask(values['annotations']))]
  const questions = questionsBeside(values)
  if (questions.size > 0) return [judged(row, withoutQuestions(values, questions), questions)]
  return answersApart(row)
}

/** What was said to each question, by each person. */
type Questions = ReadonlyMap<string, readonly unknown[]>

const notSaid = 'was judged by nobody'

function judged(row: SourceRow, fields: Fields, questions: Questions): SourceRow {
  const said = [...questions].flatMap(([name, all]) =>
    all.length === 0 ? [] : [[name, mostSaid(all)] as const],
  )
  const values = said.reduce<Fields>((all, [name]) => withOrder(all, name), {
    ...fields,
    ...Object.fromEntries(said),
  })
  return questions.size > 0 && said.length === 0 ? { ...row, values, lacks: notSaid } : { ...row, values }
}

/** Of those said equally often the first. */
function mostSaid(all: readonly unknown[]): unknown {
  const counts = new Map<string, number>()
  for (const each of all) counts.set(JSON.stringify(each), (counts.get(JSON.stringify(each)) ?? 0) + 1)
  const most = Math.max(...counts.values())
  return all.find((each) => counts.get(JSON.stringify(each)) === most)
}

const isSubmitted = (response: Fields): boolean =>
  response['status'] === undefined || response['status'] === null || response['status'] === 'submitted'

/** Values of responses, as objects that say whose they are. */
const valuesIn = (responses: unknown): readonly unknown[] =>
  (Array.isArray(responses) ? (responses as readonly unknown[]) : []).flatMap((each) =>
    isObject(each) && isSubmitted(each) && each['value'] !== undefined && each['value'] !== null
      ? [each['value']]
      : [],
  )

/** Argilla 2: `responses: { label: [{ value, user_id }] }`, and what was suggested where nobody answered. */
function questionsOfRecord({ responses, suggestions }: Fields): Questions {
  const suggested = isObject(suggestions) ? suggestions : {}
  const answered = isObject(responses) ? responses : {}
  return new Map(
    [...new Set([...Object.keys(answered), ...Object.keys(suggested)])].map((name) => {
      const own = valuesIn(answered[name])
      return [name, own.length > 0 ? own : valuesIn([suggested[name]])]
    }),
  )
}

/** Label Studio: `annotations: [{ result: [{ from_name, value: { choices: ["Good"] } }] }]`. */
function questionsOfTask(annotations: readonly unknown[]): Questions {
  const questions = new Map<string, unknown[]>()
  for (const annotation of annotations) {
    if (!isObject(annotation) || annotation['was_cancelled'] === true) continue
    const results: readonly unknown[] = Array.isArray(annotation['result']) ? annotation['result'] : []
    for (const result of results) {
      if (!isObject(result) || typeof result['from_name'] !== 'string' || !isObject(result['value'])) continue
      const said = saidInResult(result['value'])
      const name = result['type'] === 'pairwise' ? 'winner' : result['from_name']
      if (said !== undefined) questions.set(name, [...(questions.get(name) ?? []), said])
    }
  }
  return questions.size > 0 ? questions : new Map([['', []]])
}

/** One choice, one text, a number of stars, a side, an order. */
function saidInResult(value: Fields): unknown {
  const said = ['choices', 'text', 'rating', 'number', 'selected', 'ranker'].map((name) => value[name])
  const first = said.find((each) => each !== undefined)
  if (!Array.isArray(first)) return first
  return first.length === 1 ? (first[0] as unknown) : undefined
}

const RESPONSES = '.responses'

/**
 * Argilla as a table: `label.responses` with `label.responses.status` and `label.suggestion` (2), or a list of
 * `{ user_id, value, status }` under the question's own name (1).
 */
function questionsBeside(values: Fields): Questions {
  const questions = new Map<string, readonly unknown[]>()
  for (const column in values) {
    const value = values[column]
    const name = column.endsWith(RESPONSES) ? column.slice(0, -RESPONSES.length) : ''
    if (name !== '' && (`${name}.responses.status` in values || `${name}.responses.users` in values))
      questions.set(
        name,
        orSuggested(submittedOf(value, values[`${name}.responses.status`]), values[`${name}.suggestion`]),
      )
    else if (isListOfResponses(value))
      questions.set(column, orSuggested(valuesIn(value), values[`${column}-suggestion`]))
  }
  return questions
}

const orSuggested = (said: readonly unknown[], suggested: unknown): readonly unknown[] =>
  said.length > 0 || suggested === undefined || suggested === null ? said : [suggested]

function submittedOf(value: unknown, statuses: unknown): readonly unknown[] {
  if (!Array.isArray(value)) return []
  const list = value as readonly unknown[]
  return Array.isArray(statuses) ? list.filter((_, index) => statuses[index] === 'submitted') : list
}

const isListOfResponses = (value: unknown): boolean =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.every((each) => isObject(each) && 'value' in each && ('user_id' in each || 'status' in each))

function withoutQuestions(values: Fields, questions: Questions): Fields {
  const names = [...questions.keys()]
  return Object.fromEntries(
    Object.entries(values).filter(
      ([column]) =>
        !names.some(
          (name) =>
            column === name ||
            column === `${name}-suggestion` ||
            column === `${name}.suggestion` ||
            column.startsWith(`${name}.responses`),
        ),
    ),
  )
}

/** SQuAD: `answers: { text: ["a", "b"], answer_start: [3, 9] }`; a question without one cannot be answered. */
function answersApart(row: SourceRow): readonly SourceRow[] {
  const { answers, answer, question } = row.values
  const several = typeof question === 'string' ? acceptedIn(answer) : undefined
  if (several) return several.map((each) => ({ ...row, values: { ...row.values, answer: each } }))
  if (typeof answers !== 'string' && !isObject(answers)) return [row]
  const read = unpacked(answers)
  if (!isObject(read) || !Array.isArray(read['text']) || !('answer_start' in read)) return [row]
  const texts = [...new Set(read['text'] as readonly unknown[])]
  if (texts.length === 0)
    return [{ ...row, values: { ...row.values, answers: null }, lacks: 'has no answer' }]
  return texts.map((answer) => ({ ...row, values: { ...row.values, answers: answer } }))
}

/** Of open questions: a list of texts any of which is right, or TriviaQA's `{ value, aliases }`. */
function acceptedIn(answer: unknown): readonly unknown[] | undefined {
  const { value, aliases }: Fields = isObject(answer) ? answer : {}
  const listed =
    typeof value === 'string' && Array.isArray(aliases) ? [value, ...(aliases as readonly unknown[])] : answer
  if (!Array.isArray(listed) || listed.length === 0) return undefined
  return listed.every((each) => typeof each === 'string') ? [...new Set(listed)] : undefined
}
