/**
 * What a graph is lowered for. ONNX Runtime runs an operator that a provider lacks on the CPU, and copies its
 * operands there and back: on a GPU that is slower than writing the operator in terms of others. So rows ask
 * `emit.has`, and write what the target has.
 */

/** ONNX Runtime's names for its execution providers. */
export type Target = 'cpu' | 'webgpu' | 'cuda' | 'dml' | 'coreml'

/**
 * Operators of ours that a provider has no kernel for, as ONNX Runtime 1.30's own account of where each node
 * ran says (`placement.ts`). The providers that run on other machines than ours keep the CPU's operators: the
 * self-test counts there what falls back.
 */
const lacking: Readonly<Record<Target, ReadonlySet<string>>> = {
  cpu: new Set(),
  webgpu: new Set([
    'FusedMatMul',
    'OneHot',
    'Sum',
    'LogSoftmax',
    'IsNaN',
    'Or',
    'Sign',
    'GroupQueryAttention',
  ]),
  cuda: new Set(['GroupQueryAttention']),
  dml: new Set(['GroupQueryAttention']),
  coreml: new Set(['GroupQueryAttention']),
}

/**
 * Operators whose kernels lose digits: a sine good to 2⁻¹¹, a logarithm of negative numbers, a variance as
 * mean of squares minus square of mean.
 */
const imprecise: Readonly<Record<Target, ReadonlySet<string>>> = {
  cpu: new Set(),
  webgpu: new Set(['Sin', 'Cos', 'Log', 'LayerNormalization']),
  cuda: new Set(),
  dml: new Set(),
  coreml: new Set(),
}

export function isPrecise(target: Target, operator: string): boolean {
  return !imprecise[target].has(operator)
}

/** Has it kernels that move booleans? */
export const movesBools = (target: Target): boolean => target !== 'webgpu'
/** Has its Slice a kernel for integers? */
export const slicesIntegers = (target: Target): boolean => target !== 'webgpu'

/**
 * Does ScatterElements add repeated indices in one order, so that a run repeats itself bit by bit? On GPUs
 * atomic additions come in any order.
 */
export const addsInOrder = (target: Target): boolean => target === 'cpu'

export function hasOperator(target: Target, operator: string): boolean {
  return !lacking[target].has(operator)
}
