/**
 * Fifty people label at once through the server of a team: from a key to the next item, over TLS on loopback, with no
 * item ahead in the page. The server is the studio's own, in a process of its own.
 */
import { execFileSync } from 'node:child_process'
import path from 'node:path'

const MOST_MS = 100
const root = path.join(import.meta.dirname, '../..')

export async function bench({ scratch }) {
  const said = execFileSync(process.execPath, [path.join(root, 'out/bench/team-annotators.js'), scratch], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 900_000,
  })
  const { waitsMs, annotators, acknowledged, twice, lost } = JSON.parse(said.trim().split('\n').at(-1))
  const ms = waitsMs.toSorted((a, b) => a - b)
  const at = (share) => ms[Math.min(ms.length - 1, Math.ceil(share * ms.length) - 1)]
  return [
    {
      what: `from key to next item, ${annotators} annotators at once, 99th of 100`,
      value: at(0.99),
      unit: 'ms',
      aim: `≤ ${MOST_MS}`,
      isMet: at(0.99) <= MOST_MS,
      detail: `${ms.length} keys: median ${at(0.5).toFixed(1)} ms, longest ${at(1).toFixed(1)} ms`,
    },
    count('items given to two', twice),
    count('acknowledged judgments lost', lost, `${acknowledged} acknowledged`),
  ]
}

const count = (what, value, detail) => ({
  what,
  value,
  unit: '',
  aim: '0',
  isMet: value === 0,
  ...(detail && { detail }),
})
