/**
 * How often a thing is tried: a few times in `npm test`, many times in `npm run torture`, which counts what is left in
 * `task.meta` here.
 */
import type { TestContext } from 'vitest'

declare module 'vitest' {
  interface TaskMeta {
    tries?: { readonly held: number; readonly failed: number }
  }
}

/** Whether `npm run torture` asks. */
export const isLong = process.env['STUDIO_TORTURE'] === 'long'
/** Which of its rounds it is: what is drawn is drawn anew in each. */
export const torturedRound = Number(process.env['STUDIO_TORTURE_ROUND'] ?? 0)
/** When the time that was given is over. */
const endMs = Number(process.env['STUDIO_TORTURE_END_MS'] ?? Infinity)

export interface Often {
  readonly short: number
  readonly long: number
}

/** Failures that are shown of a thing that was tried often. */
const SHOWN = 5

/**
 * Tries again after a failure, so that what is counted is how often it held, and fails when any try failed. A try may
 * stand for many (it returns how many then). Ends early when the time is over, after one try at least in the first
 * round.
 */
export async function tried(
  { task, skip }: Pick<TestContext, 'task' | 'skip'>,
  often: Often,
  once: (index: number) => Promise<number | void> | number | void,
): Promise<void> {
  skip(torturedRound > 0 && Date.now() > endMs, 'the time is over')
  const problems: Error[] = []
  let [held, index] = [0, 0]
  for (const most = isLong ? often.long : often.short; index < most; index++) {
    if (index > 0 && Date.now() > endMs) break
    try {
      held += (await once(index)) ?? 1
    } catch (error) {
      problems.push(new Error(`try ${index}: ${String(error)}`, { cause: error }))
    }
    task.meta.tries = { held, failed: problems.length }
  }
  for (const problem of problems.slice(0, SHOWN)) console.error(problem.message, problem.cause)
  if (problems.length > 0)
    throw new Error(`${problems.length} of ${index} failed, the first: ${problems[0]!.message}`)
}
