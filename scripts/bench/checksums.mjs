/** What it costs to look whether bits of a checkpoint have changed, of the time that loading takes. */
import { execFileSync } from 'node:child_process'
import path from 'node:path'
import { median } from './race.mjs'

export async function bench() {
  const program = path.join(import.meta.dirname, '../../out/bench/checksums-work.js')
  const { bytes, checkedMs, uncheckedMs } = JSON.parse(
    execFileSync(process.execPath, [program], { cwd: path.join(import.meta.dirname, '../..') }),
  )
  const [checked, unchecked] = [median(checkedMs), median(uncheckedMs)]
  const share = 100 * (checked / unchecked - 1)
  return [
    {
      what: 'checksums of a checkpoint, of the time to load it',
      value: share,
      unit: '%',
      aim: '≤ 3',
      isMet: share <= 3,
      detail:
        `${(bytes / 1e6).toFixed(0)} MB in ${checked.toFixed(0)} ms with, ${unchecked.toFixed(0)} ms without; ` +
        `medians of ${checkedMs.length} in turns`,
    },
  ]
}
