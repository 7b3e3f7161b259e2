/**
 * Questions with answers to choose from, and which of them is right: a list of texts with the place of one (MMLU,
 * HellaSwag), a list with labels (ARC, OpenBookQA, CommonsenseQA), or a column for each (MedMCQA, PIQA, SWAG, Social
 * IQa, WinoGrande). The prompt lists them, one a line; what answers it is the label of the right one.
 */
import type { ExampleParts } from '../../../src-shared/records/example'
import { LeftOut, RowProblem } from '../refuse'
import { textOf } from './cells'
import { columnNames, type Columns, type Values } from './columns'
import { isObject, unpacked } from './json-value'
import { promptIn } from './prompt-column'
import type { Reading, RowShape } from './shape'

type Meaning = 'prompt' | 'context' | 'choices' | 'answer' | Lettered
type ChoiceColumns = Columns<Meaning>

const lettered = ['a', 'b', 'c', 'd', 'e'] as const
type Lettered = (typeof lettered)[number]

interface Choices {
  readonly texts: readonly string[]
  readonly labels: readonly string[]
}

/** How choices are named that have a column each, what says which is right, and from where that counts. */
interface Family {
  readonly name: string
  readonly columns: readonly string[]
  readonly answer: readonly string[]
  /** Of an answer that is a number. */
  readonly from: 0 | 1
  /** As many columns of choices at least. */
  readonly least: 2 | 3
}

const none = { a: [], b: [], c: [], d: [], e: [] }

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'
const answerNames = ['answerkey', 'answer_key', 'answer', 'answer_idx', 'answer_index', 'correct']
const moreAnswers = ['correct_answer', 'correct_option', 'label', 'gold', 'target']
const prompts = [
  ...columnNames.prompt,
  'question_stem',
  'stem',
  'ctx',
  'goal',
  'sentence',
  'startphrase',
  'context',
]
const contexts = [...columnNames.context, 'article']

const families: readonly Family[] = [
  {
    name: 'choices-a-to-e',
    columns: ['a', 'b', 'c', 'd', 'e'],
    from: 0,
    least: 2,
    answer: [...answerNames, ...moreAnswers],
  },
  ...['option_', 'option', 'choice_', 'choice', 'op'].map((word): Family => ({
    name: `choices-${word}a`,
    columns: ['a', 'b', 'c', 'd', 'e'].map((letter) => word + letter),
    answer: [...answerNames, 'cop', ...moreAnswers],
    from: 0,
    least: 3,
  })),
  {
    name: 'choices-answera',
    columns: ['answera', 'answerb', 'answerc'],
    answer: ['label'],
    from: 1,
    least: 3,
  },
  {
    name: 'choices-option1',
    columns: ['option1', 'option2', 'option3', 'option4'],
    answer: ['answer'],
    from: 1,
    least: 2,
  },
  { name: 'choices-sol1', columns: ['sol1', 'sol2'], answer: ['label'], from: 0, least: 2 },
  {
    name: 'choices-ending0',
    columns: ['ending0', 'ending1', 'ending2', 'ending3'],
    answer: ['label'],
    from: 0,
    least: 2,
  },
  {
    name: 'choices-answer0',
    columns: ['answer0', 'answer1', 'answer2', 'answer3'],
    answer: ['label'],
    from: 0,
    least: 3,
  },
]

function listed(): RowShape<Meaning> {
  const names = {
    prompt: prompts,
    context: contexts,
    choices: ['choices', 'options', 'endings'],
    answer: [...answerNames, ...moreAnswers],
    ...none,
  }
  return shapeOf(
    'multiple-choice',
    names,
    ['prompt', 'choices', 'answer'],
    (values, { choices = 'choices' }) => choicesIn(values[choices]),
  )
}

function inColumns({ name, columns, answer, from, least }: Family): RowShape<Meaning> {
  const at = (index: number): readonly string[] => columns.slice(index, index + 1)
  const own = { a: at(0), b: at(1), c: at(2), d: at(3), e: at(4) }
  const names = { prompt: prompts, context: contexts, choices: [], answer, ...own }
  const needs = ['prompt', ...lettered.slice(0, least), 'answer'] as const
  return shapeOf(name, names, needs, (values, found) => choicesBeside(values, found), from)
}

function shapeOf(
  name: string,
  names: Readonly<Record<Meaning, readonly string[]>>,
  needs: readonly Meaning[],
  choicesOf: (values: Values, columns: ChoiceColumns) => Choices | undefined,
  from: 0 | 1 = 0,
): RowShape<Meaning> {
  const reading: Reading<Meaning> = {
    kind: 'demonstrations',
    needs,
    isNotNamed: true,
    fits: (first, columns) => {
      const choices = choicesOf(first, columns)
      return choices !== undefined && rightOf(first[columns.answer ?? ''], choices, from) !== undefined
    },
    read: (values, columns) => asked(values, columns, choicesOf(values, columns), from),
  }
  return {
    name,
    names,
    readings: [reading, { ...reading, kind: 'prompts', read: promptOnly(reading) }],
  }
}

const promptOnly =
  (reading: Reading<Meaning>): Reading<Meaning>['read'] =>
  (values, columns) => {
    const { prompt } = reading.read(values, columns)
    return prompt === undefined ? {} : { prompt }
  }

function asked(
  values: Values,
  columns: ChoiceColumns,
  choices: Choices | undefined,
  from: 0 | 1,
): ExampleParts {
  const { answer = 'answer', choices: list = 'choices' } = columns
  if (!choices) throw new RowProblem(`"${list}" is not a list of answers to choose from`)
  const value = values[answer]
  if (value === null || value === undefined || value === '' || Number(value) === -1)
    throw new LeftOut('has no answer')
  const right = rightOf(value, choices, from)
  if (right === undefined)
    throw new RowProblem(
      `"${answer}" is ${JSON.stringify(value)}, which is none of the ${choices.texts.length} choices`,
    )
  const { said } = promptIn(values, columns)
  const lines = choices.texts.map((text, index) => `${choices.labels[index] ?? ''}. ${text}`).join('\n')
  const completion = choices.labels[right] ?? ''
  if (typeof said === 'string') return { prompt: `${said}\n\n${lines}`, completion }
  return {
    prompt: { turns: [...said, { role: 'user', content: lines }] },
    completion: [{ role: 'assistant', content: completion }],
  }
}

/** A list of texts, or ARC's texts with their labels; also as JSON in a text. */
function choicesIn(cell: unknown): Choices | undefined {
  const value = unpacked(cell)
  if (isObject(value) && Array.isArray(value['text'])) {
    const labels: readonly unknown[] = Array.isArray(value['label']) ? value['label'] : []
    return choicesOf(value['text'], labels.map(String))
  }
  if (!Array.isArray(value)) return undefined
  const list = value as readonly unknown[]
  if (list.every(isObject))
    return choicesOf(
      list.map((each) => each['text']),
      list.flatMap((each) => (typeof each['label'] === 'string' ? [each['label']] : [])),
    )
  return choicesOf(list, [])
}

/** In the order of the letters, as far as this row has them. */
function choicesBeside(values: Values, columns: ChoiceColumns): Choices | undefined {
  const cells = lettered.map((letter) => values[columns[letter] ?? ''])
  const end = cells.findLastIndex((each) => each !== undefined && each !== null && each !== '')
  return choicesOf(cells.slice(0, end + 1), [])
}

const BEGUN = /^\s*\(?([A-Z])[).:]\s*/

function choicesOf(said: readonly unknown[], labels: readonly string[]): Choices | undefined {
  if (said.length < 2 || said.length > LETTERS.length) return undefined
  if (said.some((each) => typeof each !== 'string' && typeof each !== 'number')) return undefined
  const texts = said.map((each) => textOf({ choice: each }, 'choice').trim())
  const areLettered = texts.every((text, index) => BEGUN.exec(text)?.[1] === LETTERS[index])
  return {
    texts: areLettered ? texts.map((text) => text.replace(BEGUN, '')) : texts,
    labels: labels.length === said.length ? labels : said.map((_, index) => LETTERS[index] ?? ''),
  }
}

/** The place of the right one: by its label, its letter, its text, or a number. undefined when it is none of them. */
function rightOf(value: unknown, { texts, labels }: Choices, from: 0 | 1): number | undefined {
  const text = typeof value === 'string' ? value.trim() : ''
  const ways = [
    labels.indexOf(text),
    /^\(?[A-Za-z]\)?$/.test(text) ? LETTERS.indexOf(text.replace(/[()]/g, '').toUpperCase()) : -1,
    text === '' ? -1 : texts.indexOf(text),
    text === '' ? Number(value ?? Number.NaN) - from : /^\d+$/.test(text) ? Number(text) - from : -1,
  ]
  return ways.find((index) => Number.isInteger(index) && index >= 0 && index < texts.length)
}

/** Those with a list, then those with columns. */
export const multipleChoice: readonly RowShape<Meaning>[] = [listed(), ...families.map(inColumns)]
