/** A run as a file that launches the same again: everything it was launched with, inputs by their names. */
import type { Run } from './records/run'

/** @param nameOf the name of a dataset or a checkpoint that is still there */
export function runFileText(run: Run, nameOf: (id: string) => string | undefined): string {
  const { recipe, name, settings, inputs, device, threads } = run
  const named = Object.entries(inputs).map(([input, ids]) => {
    const names = ids.map((id) => nameOf(id) ?? id)
    return [input, names.length === 1 ? names[0] : names] as const
  })
  const file = {
    ...{ recipe, name, inputs: Object.fromEntries(named), settings, device },
    ...(threads !== undefined && { threads }),
  }
  return `${JSON.stringify(file, null, 2)}\n`
}
