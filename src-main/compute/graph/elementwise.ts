/** Which kernels work number by number: what algebra may do with them without knowing what they compute. */

/** Kernels of one operand, that may as well be applied before a broadcast. */
export const unaryKernels = [
  'Exp',
  'Log',
  'Log1p',
  'Expm1',
  'Sqrt',
  'Rsqrt',
  'Reciprocal',
  'Tanh',
  'Sigmoid',
  'Softplus',
  'Erf',
  'Sin',
  'Cos',
  'Neg',
  'Abs',
  'Sign',
  'Square',
  'Relu',
  'Floor',
  'Ceil',
  'Round',
  'LogicalNot',
  'Step',
] as const
export type UnaryKernel = (typeof unaryKernels)[number]

/** Kernels whose operands may be left smaller than the result. */
export const broadcastingKernels = [
  'Add',
  'Sub',
  'Multiply',
  'RealDiv',
  'Maximum',
  'Minimum',
  'Pow',
  'FloorDiv',
  'Greater',
  'GreaterEqual',
  'Less',
  'LessEqual',
  'Equal',
  'LogicalAnd',
  'LogicalOr',
  'Select',
] as const
export type BroadcastingKernel = (typeof broadcastingKernels)[number]
