/** How much better the chosen one is, as a number: a column `margin` as TRL's reward trainer reads it. */
import type { AnyOf, Parts, WrittenRow } from './form'

/** Of Llama 2's smaller steps; where nobody said one it asks for none. */
const margins = { better: 1, slightly: 1 / 3 } as const

/** In every row where any has one: a table gives each row the columns of all. */
export const marginIn = ({ margin }: Parts, { hasMargins }: AnyOf): WrittenRow =>
  hasMargins ? { margin: margin === undefined ? 0 : margins[margin] } : {}
