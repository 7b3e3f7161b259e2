/** What a file names, found among what is here. */
import type { RunFile } from './run-file'
import { recipeOf } from './recipes/recipes'
import type { RunInputs } from './records/run'
import { StudioFailure } from './result'

interface Found {
  readonly id: string
  readonly name: string
}

export interface Here {
  readonly datasets: readonly Found[]
  readonly checkpoints: readonly Found[]
}

/** @throws StudioFailure refused-file, for the first input that is not here, or is here more than once */
export function inputsHere(file: string, { recipe, inputs }: RunFile, here: Here): RunInputs {
  const known = recipeOf(recipe).inputs
  return Object.fromEntries(
    Object.entries(inputs).map(([input, sources]) => {
      const row = Object.hasOwn(known, input) ? known[input] : undefined
      if (!row)
        throw refused(
          file,
          `"inputs.${input}" is no input of ${recipe}: it has ${Object.keys(known).join(', ')}`,
        )
      const all = row.type === 'dataset' ? here.datasets : here.checkpoints
      return [
        input,
        sources.map(({ name }) =>
          idOf(all, name, row.type, (problem) => refused(file, `"inputs.${input}" ${problem}`)),
        ),
      ]
    }),
  )
}

function idOf(
  all: readonly Found[],
  name: string,
  what: 'dataset' | 'checkpoint',
  refuse: (problem: string) => StudioFailure,
): string {
  const named = all.filter((each) => each.id === name || each.name === name)
  if (named.length === 1) return named[0]!.id
  throw refuse(
    named.length === 0
      ? `needs the ${what} “${name}”, which is not here: bring it in first, or name another`
      : `is “${name}”, the name of several here: name one of ${named.map(({ id }) => id).join(', ')}`,
  )
}

const refused = (file: string, problem: string): StudioFailure =>
  new StudioFailure({ kind: 'refused-file', file, problem })
