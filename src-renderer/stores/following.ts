/** Keeps listening to a stream for as long as it is wanted, also over a lost connection. */
import type { Api } from '../../src-shared/wire'
import type { StreamInput, StreamItem, StreamName } from '../../src-shared/contract'
import { errorText, StudioFailure } from '../../src-shared/result'

interface Follow<K extends StreamName> {
  /** Asked again before each try, so that a second try goes on where the first one ended. */
  readonly input: () => StreamInput<K>
  /** `isFirst`: the first item of a try, which says all there is. */
  readonly onItem: (item: StreamItem<K>, isFirst: boolean) => void
  /** A sentence while nothing comes; undefined when items come again. */
  readonly onProblem?: (problem: string | undefined) => void
}

/** @returns stops listening */
export function follow<K extends StreamName>(
  api: Api,
  name: K,
  { input, onItem, onProblem }: Follow<K>,
): () => void {
  const closing = new AbortController()
  void listen()
  return () => closing.abort()

  async function listen(): Promise<void> {
    for (let tries = 0; !closing.signal.aborted; tries++) {
      try {
        let isFirst = true
        for await (const item of api.stream(name, input(), closing.signal)) {
          if (closing.signal.aborted) return
          onProblem?.(undefined)
          onItem(item, isFirst)
          isFirst = false
          tries = 0
        }
        return
      } catch (error) {
        if (!(error instanceof StudioFailure)) throw error
        onProblem?.(errorText(error.error))
        if (error.error.kind !== 'disconnected') return
        await pause(Math.min(500 * 2 ** tries, 8000), closing.signal)
      }
    }
  }
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer)
        resolve()
      },
      { once: true },
    )
  })
