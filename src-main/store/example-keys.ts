/**
 * An example's key is its dataset's key · 2³² + its row, so a dataset is one range of keys. Exact in a double
 * up to dataset 2²¹.
 */
const ROWS = 2 ** 32

export const exampleKey = (datasetKey: number, row: number): number => datasetKey * ROWS + row
export const datasetKeyOf = (key: number): number => Math.floor(key / ROWS)
export const rowOf = (key: number): number => key % ROWS

/** First and last key a dataset can have. */
export const keyRange = (datasetKey: number): readonly [number, number] => [
  exampleKey(datasetKey, 1),
  exampleKey(datasetKey, ROWS - 1),
]
