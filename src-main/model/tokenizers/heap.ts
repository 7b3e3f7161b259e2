/** A binary heap: what comes first is taken first. */

export interface Heap<T> {
  add(value: T): void
  /** @returns undefined when it is empty */
  take(): T | undefined
}

/** @param isBefore of two that are not equal exactly one is before the other */
export function createHeap<T>(isBefore: (a: T, b: T) => boolean): Heap<T> {
  const values: T[] = []

  function add(value: T): void {
    let at = values.length
    values.push(value)
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!isBefore(value, values[parent]!)) break
      values[at] = values[parent]!
      at = parent
    }
    values[at] = value
  }

  function take(): T | undefined {
    const first = values[0]
    const last = values.pop()
    if (values.length > 0) sink(last!)
    return first
  }

  /** Puts a value in place of the first. */
  function sink(value: T): void {
    let at = 0
    for (let child = 1; child < values.length; child = 2 * at + 1) {
      if (child + 1 < values.length && isBefore(values[child + 1]!, values[child]!)) child++
      if (!isBefore(values[child]!, value)) break
      values[at] = values[child]!
      at = child
    }
    values[at] = value
  }

  return { add, take }
}
