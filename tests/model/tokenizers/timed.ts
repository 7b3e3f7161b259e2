/** What a call returns and the processor time it took, in milliseconds: a busy machine makes it no longer. */
export function timed<T>(call: () => T): readonly [T, number] {
  const before = process.cpuUsage()
  const value = call()
  const { user, system } = process.cpuUsage(before)
  return [value, (user + system) / 1000]
}
