/**
 * Racing programs: each peer is a process of its own that does the same work when told to, so that whichever
 * is waiting costs nothing. Rounds alternate between peers, and a ratio is taken within one run: a busy
 * machine slows all alike.
 *
 * The protocol, one JSON a line. Peer, once ready: {"name", "check"?: number, "mebibytes"?: number}. We: a
 * number of repetitions. Peer: {"ms": [one a repetition, a unit of work]}, and what else it has to say.
 */
import { spawn } from 'node:child_process'
import readline from 'node:readline'

/** All peers alike get what the studio gives its compute processes (`compute-child.ts`). */
const largePages = { GLIBC_TUNABLES: 'glibc.malloc.hugetlb=1' }

/**
 * @param command  program and arguments
 * @returns the peer, or the reason why there is none
 */
export async function startPeer(command, { env = {}, cwd } = {}) {
  const child = spawn(command[0], command.slice(1), {
    cwd,
    env: { ...largePages, ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let said = ''
  child.stderr.on('data', (data) => {
    said = `${said}${data}`.slice(-2000)
  })
  const answers = readline.createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const ended = new Promise((_, reject) => {
    child.on('error', reject)
    child.on('exit', (code) => reject(new Error(`${command[0]} ended with ${code}: ${causeIn(said)}`)))
  })
  ended.catch(() => {})
  const next = async () => JSON.parse((await Promise.race([answers.next(), ended])).value ?? (await ended))
  const { name, check, mebibytes } = await next()
  let latest
  return {
    name,
    check,
    mebibytes,
    /** The last answer whole. */
    latest: () => latest,
    run: async (repetitions) => {
      child.stdin.write(`${repetitions}\n`)
      latest = await next()
      return latest.ms
    },
    stop: () => child.kill('SIGKILL'),
  }
}

/** The line that names an error, or all that was said. */
const causeIn = (said) =>
  said
    .split('\n')
    .find((line) => /Error/.test(line))
    ?.trim() ?? said.trim()

/**
 * Milliseconds of each peer, rounds taken in turn.
 * @param peers each with `repetitions` a round.
 * @returns one array a peer
 */
export async function race(peers, rounds) {
  const ms = peers.map(() => [])
  for (let round = 0; round < rounds; round++) {
    for (const [index, peer] of peers.entries()) {
      if (round < (peer.rounds ?? rounds)) ms[index].push(...(await peer.run(peer.repetitions)))
    }
  }
  return ms
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
