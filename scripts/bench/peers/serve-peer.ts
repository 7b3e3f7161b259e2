/** Our side of `race.mjs`: says who it is, then works each time it is told to. */
import readline from 'node:readline'

/**
 * @param work one repetition; answers with how many units it did (tokens), 1 when it answers nothing.
 * @param more said with each answer
 * @returns when the race is over
 */
export async function servePeer(
  introduction: { readonly name: string; readonly check?: number; readonly mebibytes?: number },
  work: () => Promise<number | void>,
  more: () => Readonly<Record<string, unknown>> = () => ({}),
): Promise<void> {
  console.log(JSON.stringify(introduction))
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const ms: number[] = []
    for (let i = 0; i < Number(line); i++) {
      const startedMs = performance.now()
      const units = (await work()) ?? 1
      ms.push((performance.now() - startedMs) / units)
    }
    console.log(JSON.stringify({ ms, ...more() }))
  }
}

/** The most memory this process has had. */
export const peakMebibytes = (): number => Math.round(process.resourceUsage().maxRSS / 1024)
