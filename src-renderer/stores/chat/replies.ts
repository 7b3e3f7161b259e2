/** Writes replies: a stream a side, each stopped by itself, all of them when the room is left. */
import { computed, onScopeDispose, ref } from 'vue'
import type { StreamInput } from '../../../src-shared/contract'
import { thrownText } from '../../../src-shared/result'
import type { Api } from '../../../src-shared/wire'
import { sideNames, type SideName } from '../compare/side-names'
import { isOpen, type Reply } from './talk'

export function useReplies(api: Api) {
  const open = ref<Partial<Record<SideName, true>>>({})
  const closing = new Map<SideName, AbortController>()

  function stop(side: SideName): void {
    closing.get(side)?.abort()
    closing.delete(side)
    open.value = { ...open.value, [side]: undefined }
  }
  const stopAll = (): void => sideNames.forEach(stop)
  onScopeDispose(stopAll)

  /** Writes into a reply until it ends. What the side wrote before is stopped. */
  async function write(side: SideName, into: Reply, input: StreamInput<'chat.write'>): Promise<void> {
    stop(side)
    const own = new AbortController()
    closing.set(side, own)
    open.value = { ...open.value, [side]: true }
    into.state = 'waiting'
    into.failure = undefined
    try {
      await take(api.stream('chat.write', input, own.signal), into, own.signal)
    } catch (thrown) {
      if (!own.signal.aborted) {
        into.state = 'failed'
        into.failure = thrownText(thrown)
      }
    }
    if (isOpen(into)) into.state = 'stopped'
    if (closing.get(side) === own) stop(side)
  }

  return { isWriting: computed(() => sideNames.some((side) => open.value[side])), stop, stopAll, write }
}

async function take(
  pieces: AsyncIterable<{
    text: string
    tokens: number
    promptTokens: number
    ended?: 'end' | 'stop' | 'cut'
  }>,
  into: Reply,
  signal: AbortSignal,
): Promise<void> {
  const before = into.tokens
  let sinceMs: number | undefined
  for await (const { text, tokens, promptTokens, ended } of pieces) {
    if (signal.aborted) return
    sinceMs ??= performance.now()
    into.text += text
    into.tokens = before + tokens
    into.promptTokens = promptTokens - before
    into.state = 'writing'
    const seconds = (performance.now() - sinceMs) / 1000
    if (seconds > 0.2) into.tokensASecond = tokens / seconds
    if (ended) into.state = ended === 'cut' ? 'cut' : 'ended'
  }
}
