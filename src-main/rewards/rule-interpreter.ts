/**
 * What runs in the thread of a rule: QuickJS, an interpreter of JavaScript compiled to WebAssembly, called for one text
 * after the other. The functions are handed over as text, so that they run from the bundle as from source: they name
 * one another and nothing else outside themselves. A rule sees each text for itself alone.
 */
import type { Intrinsics, QuickJSContext, QuickJSHandle, QuickJSWASMModule } from 'quickjs-emscripten-core'

export interface RuleText {
  readonly prompt: string
  readonly completion: string
  readonly references: readonly string[]
  readonly hasEnded: boolean
}

export type RuleAnswer =
  | { readonly score: number }
  | {
      readonly problem: string
      /** Of the rule, from 1. */
      readonly line?: number
      readonly column?: number
      /** Whether the completion had a part in it. */
      readonly isOfCompletion: boolean
    }

export interface RuleGiven {
  /** A file beside which packages are found. */
  readonly from: string
  readonly code: string
  readonly memoryBytes: number
  readonly stackBytes: number
}

/** The thread's whole program. */
export const ruleProgram = (): string =>
  [thrownBy, answeredBy, scoredBy, interpret].map((each) => each.toString()).join('\n') +
  `\n;${interpret.name}()`

async function interpret(): Promise<void> {
  const { parentPort, workerData } = process.getBuiltinModule('node:worker_threads')
  const given = workerData as RuleGiven
  const load = process.getBuiltinModule('node:module').createRequire(given.from)
  const core = load('quickjs-emscripten-core') as typeof import('quickjs-emscripten-core')
  const variant = load(
    '@jitl/quickjs-singlefile-cjs-release-sync',
  ) as typeof import('@jitl/quickjs-singlefile-cjs-release-sync')
  const quickJs = await core.newQuickJSWASMModuleFromVariant(variant.default)
  const intrinsics = { ...core.DefaultIntrinsics, Date: false }
  parentPort?.on('message', (text: RuleText) =>
    parentPort.postMessage(scoredBy(quickJs, intrinsics, given, text)),
  )
  parentPort?.postMessage('started')
}

function scoredBy(
  quickJs: QuickJSWASMModule,
  intrinsics: Intrinsics,
  { code, memoryBytes, stackBytes }: RuleGiven,
  text: RuleText,
): RuleAnswer {
  const runtime = quickJs.newRuntime({ memoryLimitBytes: memoryBytes, maxStackSizeBytes: stackBytes })
  const context = runtime.newContext({ intrinsics })
  const answer = answeredBy(context, code, text)
  if ('problem' in answer) return answer // the run ends here; what the rule left behind ends with the thread
  context.dispose()
  runtime.dispose()
  return answer
}

function answeredBy(context: QuickJSContext, code: string, text: RuleText): RuleAnswer {
  context.evalCode('delete Math.random').dispose()
  const read = context.evalCode(code, 'rule')
  if (read.error) return thrownBy(context, read.error, false)
  read.value.dispose()
  const named = context.evalCode('typeof reward === "function" ? reward : undefined')
  if (named.error || context.typeof(named.value) !== 'function')
    return { problem: 'has no function named reward', isOfCompletion: false }
  const given = context.evalCode(`(${JSON.stringify(text)})`)
  if (given.error) return thrownBy(context, given.error, true)
  const returned = context.callFunction(named.value, context.undefined, given.value)
  if (returned.error) return thrownBy(context, returned.error, true)
  const type = context.typeof(returned.value)
  const score = context.getNumber(returned.value)
  for (const handle of [returned.value, given.value, named.value]) handle.dispose()
  if (type === 'number' && Number.isFinite(score)) return { score }
  const what = type === 'number' ? `${score}` : type === 'undefined' ? 'nothing' : `a value of type ${type}`
  return { problem: `returned ${what}, where a finite number is wanted`, isOfCompletion: true }
}

/** What a rule has thrown, and where. */
function thrownBy(context: QuickJSContext, error: QuickJSHandle, isOfCompletion: boolean): RuleAnswer {
  const found: unknown = context.dump(error)
  const { name, message, stack } = (typeof found === 'object' && found !== null ? found : {}) as {
    readonly name?: unknown
    readonly message?: unknown
    readonly stack?: unknown
  }
  const place = /rule:(\d+):(\d+)/.exec(String(stack))
  const isFull = found === null || message === 'out of memory' // when nothing is left, not even an error is made
  const said = message === undefined ? JSON.stringify(found) : `${String(name)}: ${String(message)}`
  return {
    problem: isFull ? 'needs more memory than a rule may have' : `failed: ${said.slice(0, 300)}`,
    ...(place && { line: Number(place[1]), column: Number(place[2]) }),
    isOfCompletion,
  }
}
