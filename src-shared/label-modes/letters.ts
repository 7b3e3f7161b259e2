/** Candidates are called A, B, C … in the order in which they are shown. */
export const letterOf = (index: number): string => String.fromCharCode(65 + index)
