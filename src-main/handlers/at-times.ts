/** Progress is for people: it is said at most ten times a second, and its end always. */
const everyMs = 100

export async function* atTimes<T extends { readonly done?: unknown }>(
  now: () => number,
  items: AsyncIterable<T>,
): AsyncGenerator<T> {
  let saidAtMs = 0
  for await (const item of items) {
    if (!item.done && now() - saidAtMs < everyMs) continue
    saidAtMs = now()
    yield item
  }
}
