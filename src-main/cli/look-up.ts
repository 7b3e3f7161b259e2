/** Datasets, checkpoints and runs as people name them: by id, or by name where the name is unique. */
import { StudioFailure } from '../../src-shared/result'

interface Named {
  readonly id: string
  readonly name: string
}

/**
 * @param field what was asked for, as the sentence begins.
 * @throws StudioFailure invalid-input when nothing or more than one thing fits
 */
export function byNameOrId<T extends Named>(all: readonly T[], asked: string, field: string): T {
  const found = all.find((each) => each.id === asked)
  if (found) return found
  const named = all.filter((each) => each.name === asked)
  if (named.length === 1) return named[0] as T
  throw new StudioFailure({
    kind: 'invalid-input',
    field,
    problem:
      named.length === 0
        ? nothingNamed(all, asked)
        : `“${asked}” is the name of several: ${named.map((each) => each.id).join(', ')}`,
  })
}

function nothingNamed(all: readonly Named[], asked: string): string {
  if (all.length === 0) return `“${asked}” is not there: there are none yet`
  const shown = all.slice(0, 8).map((each) => `“${each.name}” (${each.id})`)
  return (
    `“${asked}” is not there. There ${all.length === 1 ? 'is' : 'are'} ` +
    `${shown.join(', ')}${all.length > shown.length ? ` and ${all.length - shown.length} more` : ''}`
  )
}
