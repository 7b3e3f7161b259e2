/**
 * Main's questions about models that may come from anywhere: what a tokenizer makes of a text, whether a run or a
 * label queue could start, what a run would take. Tokenizers, templates and headers are programs of strangers; one
 * that does not come to an end must hold up neither main nor what is being written. So they are asked of a process
 * of their own, for a limited time, which is then ended and started again.
 */
import { StudioFailure } from '../../src-shared/result'
import type { RenderedView, TokenView } from '../../src-shared/records/example'
import type { MemoryNeed } from '../../src-shared/records/run'
import type { CheckedLaunch } from '../launch/launch-check'
import type { SizedRun } from '../launch/sized-run'
import { remembered } from './remembered'
import type { ForkCompute } from './compute-child'
import type {
  LaunchQuestion,
  QueueQuestion,
  RenderedQuestion,
  TokensQuestion,
  WarmContract,
} from './contract'
import { warmLine, type WarmLine } from './warm-line'

/** All of it throws StudioFailure: what is wrong, or that it took too long. */
export interface ModelReader {
  checkLaunch(question: LaunchQuestion): Promise<CheckedLaunch>
  /** @throws StudioFailure invalid-input at its field */
  checkQueue(question: QueueQuestion): Promise<void>
  tokens(question: TokensQuestion): Promise<TokenView>
  /** @throws StudioFailure invalid-input, when the model cannot read it */
  rendered(question: RenderedQuestion): Promise<RenderedView>
  /** What a run would hold at its peak; the same question is answered from memory. */
  memoryNeed(run: SizedRun): Promise<MemoryNeed>
  close(): void
}

type Calls = WarmContract['calls']
type Ask = <K extends keyof Calls>(name: K, input: Calls[K]['input']) => Promise<Calls[K]['output']>

/** The first look at a dataset of a million rows takes half of it. */
const limitMs = 60_000

export function modelReader(registryPath: string, fork: ForkCompute, limit = limitMs): ModelReader {
  const { ask, close } = limitedLine(() => warmLine(registryPath, fork), limit)
  return {
    checkLaunch: (question) => ask('launch.check', question),
    checkQueue: (question) => ask('queue.check', question),
    tokens: (question) => ask('texts.tokens', question),
    rendered: (question) => ask('texts.rendered', question),
    memoryNeed: remembered((run) => ask('memory.need', run)),
    close,
  }
}

/** A question that is ended takes its process with it; those that others asked of it are asked again, once. */
function limitedLine(open: () => WarmLine, limit: number): { readonly ask: Ask; close(): void } {
  let current = open()
  let isClosed = false

  function end(line: WarmLine): void {
    if (line === current && !isClosed) current = open()
    line.close()
  }

  async function ask<K extends keyof Calls>(
    name: K,
    input: Calls[K]['input'],
    isSecond = false,
  ): Promise<Calls[K]['output']> {
    const line = current
    let isLate = false
    const timer = setTimeout(() => {
      isLate = true
      end(line)
    }, limit)
    try {
      return await line.ask(name, input)
    } catch (error) {
      if (isLate) throw tookTooLong(limit)
      if (line === current || isSecond || isClosed) throw error
      return await ask(name, input, true)
    } finally {
      clearTimeout(timer)
    }
  }

  return {
    ask: (name, input) => ask(name, input),
    close: () => {
      isClosed = true
      current.close()
    },
  }
}

const tookTooLong = (limit: number): StudioFailure =>
  new StudioFailure({
    kind: 'compute-failed',
    problem:
      `Reading these texts with this model took more than ${limit / 1000} seconds and was ended: its tokenizer or ` +
      'its chat template does not come to an end on them. Choose another model, or remove this one.',
  })
