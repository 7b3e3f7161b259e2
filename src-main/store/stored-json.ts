/**
 * JSON that stands in a column. What is damaged costs its row that value: the list it is in, and the registry, are
 * there all the same.
 */

/** @returns the object or list that was stored; undefined when what stands there is none */
export function storedJson<T extends object>(json: string | null): T | undefined {
  if (json === null) return undefined
  try {
    const value: unknown = JSON.parse(json)
    return typeof value === 'object' && value !== null ? (value as T) : undefined
  } catch {
    return undefined
  }
}
