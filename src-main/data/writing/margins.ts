/** How much better the chosen one is, as a number: a column `margin` as TRL's reward trainer reads it. */
import { marginOf } from '../training-data'
import type { AnyOf, Parts, WrittenRow } from './form'

/**
 * Where nobody said one it is what is trained here. In every row where any has one: a table gives each row the columns
 * of all.
 */
export const marginIn = ({ margin }: Parts, { hasMargins }: AnyOf): WrittenRow =>
  hasMargins ? { margin: marginOf(margin) } : {}
