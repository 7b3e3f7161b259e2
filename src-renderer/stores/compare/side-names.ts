/** The two sides of a comparison, as they are called. */

export type SideName = 'left' | 'right'
export const sideNames = ['left', 'right'] as const

/** Which checkpoint writes on each, by id. */
export type ChosenSides = Readonly<Partial<Record<SideName, string>>>
