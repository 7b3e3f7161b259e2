/**
 * Kernels that no program records: lowering makes them of weights that are held in 8 bits. held-weights.test.ts and
 * large-weights.test.ts hold them against the same numbers in 32 bits.
 */
export const madeByLowering: readonly string[] = ['WrittenOut']
