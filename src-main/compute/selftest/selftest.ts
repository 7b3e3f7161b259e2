/**
 * Does a device compute right here? Every kernel of the table in every use there is a case for, products with
 * 8-bit weights, and a small training, held against TensorFlow.js's own cpu backend, which is slow and plain.
 * A user with a GPU runs this first, and attaches what it says to a report.
 */
import { eagerEngine } from '../tensorflow/eager'
import type { Engine, HostTensor } from '../engine'
import type { Placement } from '../placement'
import { differenceOf, gradientsOf, runOn } from './agreement'
import { seededDraw, type Body, type Case } from './case'
import { cases } from './cases'
import { eightBitProblem } from './eight-bits'
import { specialCases } from './special'
import { testTraining, type TrainingResult } from './training'

export interface CaseResult {
  readonly kernel: string
  readonly says: string
  /** The first number that differs, or what was thrown. */
  readonly problem?: string
  /**
   * The problem is one that GPUs may have: what they make of not-a-number, infinities and the tiniest numbers
   * is theirs.
   */
  readonly isAllowed?: boolean
  /** Operators that fell back to the CPU, and how often. */
  readonly onCpu: Placement['onCpu']
}

export type SelftestEvent =
  /** What comes next: the last words when the device takes the process with it. */
  | { readonly kind: 'begins'; readonly says: string; readonly done: number; readonly total: number }
  | { readonly kind: 'case'; readonly result: CaseResult }
  | { readonly kind: 'training'; readonly result: TrainingResult }

export interface SelftestOptions {
  /** The device is held to what not-a-number, infinities and the tiniest numbers give on a processor. */
  readonly isStrict: boolean
  readonly cases?: readonly Case[]
}

/** One use of a kernel: its values, or its gradients. */
interface Use {
  readonly kernel: string
  readonly says: string
  readonly body: Body
  readonly inputs: readonly HostTensor[]
  readonly isSpecial: boolean
}

/** @param engine of the device; the caller's to dispose */
export async function* selftest(
  engine: Engine,
  { isStrict, cases: asked = cases }: SelftestOptions,
): AsyncGenerator<SelftestEvent> {
  const reference = eagerEngine()
  const uses = asked.flatMap(usesOf)
  const total = uses.length + 2
  for (const [done, use] of uses.entries()) {
    yield { kind: 'begins', says: use.says, done, total }
    yield { kind: 'case', result: await tried(engine, reference, use, isStrict) }
  }
  yield { kind: 'begins', says: eightBits.says, done: uses.length, total }
  const problem = await eightBitProblem(engine, reference)
  yield { kind: 'case', result: problem === undefined ? eightBits : { ...eightBits, problem } }
  yield { kind: 'begins', says: 'a small training', done: uses.length + 1, total }
  yield { kind: 'training', result: await testTraining(engine, reference) }
}

const eightBits: CaseResult = {
  kernel: 'BatchMatMul',
  says: 'products with 8-bit weights, where the device has them',
  onCpu: {},
}

const special = new Set(specialCases)

/** The same numbers on every machine. */
function usesOf(one: Case, seed: number): Use[] {
  const { kernel, says, hasGradient } = one
  const { inputs, body } = one.make(seededDraw(seed))
  const isSpecial = special.has(one)
  const use = { kernel, says, body, inputs, isSpecial }
  if (!hasGradient || inputs.some(({ data }) => data.length === 0)) return [use]
  return [use, { ...use, says: `gradient of ${says}`, body: gradientsOf(body) }]
}

async function tried(
  engine: Engine,
  reference: Engine,
  { kernel, says, body, inputs, isSpecial }: Use,
  isStrict: boolean,
): Promise<CaseResult> {
  const before = engine.placement().onCpu
  const problem = await problemOf(engine, reference, body, inputs)
  const result = { kernel, says, onCpu: moreThan(before, engine.placement().onCpu) }
  return problem === undefined
    ? result
    : { ...result, problem, ...(isSpecial && !isStrict && { isAllowed: true }) }
}

async function problemOf(
  engine: Engine,
  reference: Engine,
  body: Body,
  inputs: readonly HostTensor[],
): Promise<string | undefined> {
  try {
    const [expected = {}] = await runOn(reference, body, inputs)
    const [first = {}, second = {}] = await runOn(engine, body, inputs, 2)
    return (
      differenceOf(first, expected) ?? (differenceOf(second, first, 0) && 'another result the second time')
    )
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function moreThan(before: Placement['onCpu'], after: Placement['onCpu']): Placement['onCpu'] {
  return Object.fromEntries(
    Object.entries(after).flatMap(([op, count]) =>
      count > (before[op] ?? 0) ? [[op, count - (before[op] ?? 0)]] : [],
    ),
  )
}
