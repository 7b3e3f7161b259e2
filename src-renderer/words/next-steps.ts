/** What one does next with what a run has made: each step opens a room with everything filled in. */

import type { Checkpoint } from '../../src-shared/records/checkpoint'
import { kindsWithPrompts, type Dataset } from '../../src-shared/records/dataset'
import type { Run } from '../../src-shared/records/run'
import { recipeOf } from '../../src-shared/recipes/recipes'
import { usualUse } from '../../src-shared/recipes/usual-use'

export interface NextStep {
  /** A verb with its object, as a button says it. */
  readonly label: string
  /** What comes of it. */
  readonly doc: string
  readonly room: 'launch' | 'label' | 'compare'
  readonly query: Readonly<Record<string, string | string[]>>
}

interface Known {
  readonly checkpoints: ReadonlyMap<string, Checkpoint>
  readonly datasets: ReadonlyMap<string, Dataset>
}

interface Ended {
  readonly run: Run
  /** The last checkpoint it made. */
  readonly made: Checkpoint
  /** The language model it began with, where that is still there. */
  readonly start: Checkpoint | undefined
  /** Its datasets that have prompts. */
  readonly prompts: readonly string[]
}

/** The likeliest first; none while it trains, nor where nothing was kept. */
export function nextSteps(run: Run, made: Checkpoint | undefined, known: Known): readonly NextStep[] {
  if (!made || (run.state !== 'finished' && run.state !== 'stopped')) return []
  const ended = { run, made, start: startOf(run, known), prompts: promptsOf(run, known) }
  return steps.flatMap((step) => step(ended) ?? [])
}

/** A new one is one function and its place in this list. */
const steps: readonly ((ended: Ended) => NextStep | undefined)[] = [
  useReward,
  compareWithStart,
  judgeBlind,
  fineTune,
  label,
]

function useReward({ made, start, prompts }: Ended): NextStep | undefined {
  const use = made.kind === 'reward-model' ? usualUse('reward-model') : undefined
  if (!use) return undefined
  const { title } = recipeOf(use.recipe)
  return {
    label: `Use it in ${title}`,
    doc: `${title} moves the model towards what this one scores high.`,
    room: 'launch',
    query: {
      recipe: use.recipe,
      [use.input]: made.id,
      ...(start && { policy: start.id }),
      ...(prompts.length > 0 && { prompts: [...prompts] }),
    },
  }
}

function compareWithStart({ made, start }: Ended): NextStep | undefined {
  if (made.kind !== 'language-model' || !start) return undefined
  return {
    label: 'Compare with where it started',
    doc: 'Both write on from the same prompts, side by side.',
    room: 'compare',
    query: { left: start.id, right: made.id },
  }
}

function judgeBlind({ made, start, prompts }: Ended): NextStep | undefined {
  if (made.kind !== 'language-model' || !start) return undefined
  return {
    label: 'Judge both blind',
    doc: 'An arena hides the names until your verdict, and says how sure the difference is.',
    room: 'compare',
    query: {
      mode: 'arena',
      meet: [start.id, made.id],
      ...(prompts[0] !== undefined && { prompts: prompts[0] }),
    },
  }
}

function fineTune({ run, made }: Ended): NextStep | undefined {
  if (run.recipe !== 'pretrain') return undefined
  return {
    label: 'Fine-tune it',
    doc: 'It learns from demonstrations what its texts should be like.',
    room: 'launch',
    query: { recipe: 'sft', policy: made.id },
  }
}

function label({ made, prompts }: Ended): NextStep | undefined {
  if (made.kind !== 'language-model') return undefined
  return {
    label: 'Label what it writes',
    doc: 'You say which of two of its completions is better; a reward model learns from that.',
    room: 'label',
    query: { writer: made.id, ...(prompts[0] !== undefined && { prompts: prompts[0] }) },
  }
}

function startOf(run: Run, { checkpoints }: Known): Checkpoint | undefined {
  return inputsOf(run, 'checkpoint')
    .flatMap((id) => checkpoints.get(id) ?? [])
    .find(({ kind }) => kind === 'language-model')
}

const promptsOf = (run: Run, { datasets }: Known): readonly string[] =>
  inputsOf(run, 'dataset').filter((id) => {
    const dataset = datasets.get(id)
    return dataset !== undefined && kindsWithPrompts.includes(dataset.kind)
  })

const inputsOf = (run: Run, type: 'checkpoint' | 'dataset'): readonly string[] =>
  Object.entries(recipeOf(run.recipe).inputs)
    .filter(([, input]) => input.type === type)
    .flatMap(([name]) => run.inputs[name] ?? [])
