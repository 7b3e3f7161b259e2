/**
 * How a tensor of ours lies in a file: under which name, [out, in] where ours is [in, out], its rows in another
 * order.
 */
export interface Layout {
  readonly name: string
  readonly isTransposed: boolean
  /** Where row r of a transposed tensor belongs. */
  readonly rowAt?: (row: number) => number
}

/** How a tensor of ours lies in a file, where it may have other numbers and other axes. */
export interface ReadLayout extends Layout {
  /** Taken off each number: what the file has counts from 1. */
  readonly shift?: number
  /** Its shape there, where axes of one are left out. */
  readonly shape?: readonly number[]
}
