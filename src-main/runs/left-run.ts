/**
 * Where a run can be left in the middle of a step: while a reward waits for someone outside the studio, or when it has
 * failed. Nothing was learned since the last update then, so that what the run had become is whole still and is saved
 * before the trainer ends.
 */
import type { Waiting } from '../rewards/reward'
import type { TrainerEvent } from '../trainers/trainer'

export interface LeavableRun {
  readonly waiting: Waiting
  /** To be waited for before a failure of a reward is thrown. */
  leave(): Promise<void>
  /**
   * What the trainer says. `left` comes at most once: what is to be kept of the run is kept before the next is asked
   * for. After it nothing comes; a failure is thrown, a stop is not.
   */
  events(trainer: AsyncGenerator<TrainerEvent>): AsyncGenerator<TrainerEvent | { readonly kind: 'left' }>
}

/** @param stop the run is told to stop */
export function leavableRun(stop: AbortSignal): LeavableRun {
  const left = new AbortController()
  const gone = new AbortController()
  const isGone = until(gone.signal)

  return {
    leave: async () => {
      left.abort()
      await isGone
    },
    waiting: {
      for: async (work) => {
        const onStop = () => left.abort()
        if (stop.aborted) onStop()
        stop.addEventListener('abort', onStop, { once: true })
        try {
          const found = await work(gone.signal)
          if (stop.aborted) await isGone // it came too late: the run is being saved as it was
          gone.signal.throwIfAborted()
          return found
        } finally {
          stop.removeEventListener('abort', onStop)
        }
      },
    },
    events: (trainer) => eventsOf(trainer, { stop, left, gone }),
  }
}

interface Leaving {
  readonly stop: AbortSignal
  /** Aborted: what is to be kept is kept now. */
  readonly left: AbortController
  /** Aborted: it is kept. */
  readonly gone: AbortController
}

async function* eventsOf(
  trainer: AsyncGenerator<TrainerEvent>,
  { stop, left, gone }: Leaving,
): ReturnType<LeavableRun['events']> {
  const isLeft = until(left.signal)
  try {
    for (;;) {
      const next = trainer.next()
      const event = await Promise.race([next, isLeft])
      if (event === undefined) {
        yield { kind: 'left' }
        gone.abort()
        await endOf(next, stop)
        return
      }
      if (event.done) return
      yield event.value
    }
  } finally {
    gone.abort()
    await trainer.return(undefined)
  }
}

const until = (signal: AbortSignal): Promise<undefined> =>
  new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(undefined), { once: true })
  })

/** What ends a run that was told to stop is the stop. */
async function endOf(next: Promise<unknown>, stop: AbortSignal): Promise<void> {
  try {
    await next
  } catch (error) {
    if (!stop.aborted) throw error
  }
}
