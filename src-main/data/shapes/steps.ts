/**
 * A solution step by step, each step called right or wrong: TRL's lists of `completions` and `labels`,
 * PRM800K's labelled solutions, and Math-Shepherd's text in which a sign follows each step.
 */
import type { ExampleParts, Step } from '../../../src-shared/records/example'
import { RowProblem } from '../refuse'
import { columnNames, type Values } from './columns'
import { besideNames } from './conversation-columns'
import { isObject, unpacked } from './json-value'
import { labelIn } from './labels'
import { promptAlone } from './demonstration'
import type { RowShape } from './shape'

type Stepwise = Required<Pick<ExampleParts, 'prompt' | 'completion' | 'steps'>>

const stepsOf = (prompt: Stepwise['prompt'], steps: readonly Step[], between: string): Stepwise => {
  if (steps.length === 0) throw new RowProblem('it has no steps')
  return { prompt, completion: steps.map(({ text }) => text).join(between), steps }
}

export const listedSteps: RowShape<'prompt' | 'steps' | 'labels' | keyof typeof besideNames> = {
  name: 'listed-steps',
  names: {
    prompt: columnNames.prompt,
    steps: ['completions', 'steps'],
    labels: ['labels', 'step_labels', 'label'],
    ...besideNames,
  },
  readings: [
    {
      kind: 'steps',
      needs: ['prompt', 'steps', 'labels'],
      fits: (first, { steps = '', labels = '' }) =>
        Array.isArray(unpacked(first[steps])) && areLabels(unpacked(first[labels])),
      read: (values, columns) => {
        const { steps: name = 'completions', labels: labelName = 'labels' } = columns
        const texts = listIn(values, name)
        const labels = labelsIn(values, labelName, texts.length)
        if (texts.length !== labels.length)
          throw new RowProblem(`"${labelName}" has ${labels.length} values for ${texts.length} steps`)
        const steps = texts.map((text, index) => stepIn(text, labels[index], `"${name}" ${index + 1}`))
        return stepsOf(promptAlone(values, columns), steps, '\n')
      },
    },
  ],
}

/** PRM800K: of each step the completion that was chosen, or else the person's own, which is right. */
export const labelledSolution: RowShape<'question' | 'label'> = {
  name: 'labelled-solution',
  names: { question: ['question'], label: ['label'] },
  readings: [
    {
      kind: 'steps',
      needs: ['question', 'label'],
      isNotNamed: true,
      fits: (first, { question = '', label = '' }) =>
        isObject(first[question]) && isObject(first[label]) && Array.isArray(first[label]['steps']),
      read: (values, { question = 'question', label = 'label' }) => {
        const [asked, judged] = [values[question], values[label]]
        const problem = isObject(asked) ? asked['problem'] : undefined
        if (typeof problem !== 'string') throw new RowProblem(`"${question}" has no problem`)
        const steps =
          isObject(judged) && Array.isArray(judged['steps']) ? (judged['steps'] as readonly unknown[]) : []
        return stepsOf(problem, steps.flatMap(chosenStep), '\n')
      },
    },
  ],
}

function chosenStep(step: unknown, index: number): readonly Step[] {
  if (!isObject(step)) throw new RowProblem(`step ${index + 1} is no object`)
  const { completions, chosen_completion: chosen, human_completion: own } = step
  const list = Array.isArray(completions) ? (completions as readonly unknown[]) : []
  const taken =
    typeof chosen === 'number' ? list[chosen] : own === null || own === undefined ? list[0] : undefined
  if (isObject(taken)) return [stepIn(taken['text'], taken['rating'] ?? 1, `step ${index + 1}`)]
  if (own === null || own === undefined) return []
  return [stepIn(isObject(own) ? own['text'] : own, 1, `step ${index + 1}`)]
}

/** Where a sign stands in Math-Shepherd's text, and what its label has there. */
const SIGN = 'ки'
const JUDGED = /\s([+-])\s*(?:\n|$)/

export const signedSteps: RowShape<'input' | 'label'> = {
  name: 'signed-steps',
  names: { input: ['input'], label: ['label'] },
  readings: [
    {
      kind: 'steps',
      needs: ['input', 'label'],
      isNotNamed: true,
      fits: (first, { input = '', label = '' }) =>
        typeof first[input] === 'string' && first[input].includes(SIGN) && typeof first[label] === 'string',
      read: (values, { input = 'input', label = 'label' }) => {
        const [text, judged] = [values[input], values[label]]
        if (typeof text !== 'string' || typeof judged !== 'string')
          throw new RowProblem(`"${input}" is no text`)
        const parts = text.split(SIGN).slice(0, -1)
        const signs = judged.split(JUDGED).filter((part) => part === '+' || part === '-')
        if (parts.length === 0 || signs.length !== parts.length)
          throw new RowProblem(`"${label}" has ${signs.length} signs for ${parts.length} steps`)
        return signedIn(parts, signs, `"${input}"`)
      },
    },
  ],
}

/** The question stands before "Step 1:". */
function signedIn(parts: readonly string[], signs: readonly string[], where: string): Stepwise {
  const [first = '', ...rest] = parts
  const begin = first.indexOf('Step 1:')
  if (begin < 0) throw new RowProblem(`${where} has no "Step 1:"`)
  const texts = [first.slice(begin), ...rest].map((part) => part.trim())
  const steps = texts.map((text, index) =>
    stepIn(text, signs[index] === '+' ? 1 : 0, `${where} step ${index + 1}`),
  )
  return stepsOf(first.slice(0, begin).trim(), steps, '\n')
}

function listIn(values: Values, name: string): readonly unknown[] {
  const list = unpacked(values[name])
  if (!Array.isArray(list)) throw new RowProblem(`"${name}" is not a list`)
  return list
}

const areLabels = (value: unknown): boolean => Array.isArray(value) || labelIn(value) !== undefined

/** One for each step, or one for all. */
function labelsIn(values: Values, name: string, steps: number): readonly unknown[] {
  const one = Array.isArray(unpacked(values[name])) ? undefined : labelIn(values[name])
  return one === undefined ? listIn(values, name) : Array.from({ length: steps }, () => one)
}

/** @throws RowProblem */
function stepIn(text: unknown, label: unknown, where: string): Step {
  if (typeof text !== 'string') throw new RowProblem(`${where} is no text`)
  const read = labelIn(label)
  if (read === undefined) throw new RowProblem(`${where} is not called right or wrong`)
  if (text.trim() === '') throw new RowProblem(`${where} is empty`)
  return { text, label: read }
}
