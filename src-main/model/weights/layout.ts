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
