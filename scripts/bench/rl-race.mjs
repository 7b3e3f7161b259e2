/** What the benches of fine-tuning and reinforcement learning have alike: a way is raced against TRL. */
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { race, startPeer } from './race.mjs'
import { trlPeer } from './peers/python-peers.mjs'
import { program } from './work/works.mjs'

/**
 * One comparison.
 * @param title      of its rows
 * @param ours       our program, and what stands beside it in TRL
 * @param theirs     its script
 * @param way        as `RlWay` has it
 * @param repetitions a round, and `rounds`
 * @param timeOf     of milliseconds of all repetitions, what is told and compared
 * @param least      times as fast as TRL it is to be, and `mostMemory` of TRL's, where that is aimed at
 * @returns its rows; of TRL only where it is installed
 */
export async function raced({ ours, theirs, way, repetitions, rounds, ...told }, { scratch }) {
  const folder = path.join(scratch, `rl-${fs.readdirSync(scratch).length}`)
  execFileSync(...written(folder, way), { stdio: ['ignore', 'ignore', 'inherit'] })
  const found = await trlPeer([theirs, folder])
  const peers = [await startPeer(program(ours, JSON.stringify(way))), ...(found.peer ? [found.peer] : [])]
  try {
    const ms = await race(
      peers.map((peer) => ({ ...peer, repetitions })),
      rounds,
    )
    const load = os.loadavg()[0]
    const [mine, trl] = peers.map((peer, index) => ({ name: peer.name, ...peer.latest(), ms: ms[index] }))
    return rowsOf(told, { mine, trl, whyNot: found.whyNot, load })
  } finally {
    for (const peer of peers) peer.stop()
    fs.rmSync(folder, { recursive: true })
  }
}

function written(folder, way) {
  const [node, ...rest] = program('write-rl-work', folder, JSON.stringify(way))
  return [node, rest]
}

export const total = (ms) => ms.reduce((sum, each) => sum + each, 0)

/**
 * A row of a ratio against TRL.
 * @param aim what it is to be at least, or at most with `isMost`; whether it is, a busy machine cannot tell
 */
function ratioRow(what, { value, aim, isMost = false, isBusy = false, detail }) {
  const isMet = isBusy ? undefined : isMost ? value <= aim : value >= aim
  return {
    what,
    value,
    unit: '×',
    ...(aim !== undefined && { aim: `${isMost ? '≤' : '≥'} ${aim}`, isMet }),
    detail,
  }
}

/** The rows of a race: time, memory. */
function rowsOf({ title, least, mostMemory, timeOf }, { mine, trl, whyNot, load }) {
  const time = {
    what: `${title}: time`,
    value: timeOf(mine.ms) / 1000,
    unit: 's',
    detail: `${detailOf(mine)}; load of the machine ${load.toFixed(1)}`,
  }
  // the race itself keeps all cores busy; PyTorch's threads lose more than ours by what comes on top
  const isBusy = load > 1.5 * os.availableParallelism()
  if (!trl) return [time, { what: `times as fast as TRL, ${title}`, skipped: whyNot }]
  return [
    time,
    ratioRow(`times as fast as TRL, ${title}`, {
      value: timeOf(trl.ms) / timeOf(mine.ms),
      aim: least,
      isBusy,
      detail: `${(timeOf(trl.ms) / 1000).toFixed(2)} s: ${detailOf(trl)}`,
    }),
    ratioRow(`memory of the process against TRL’s, ${title}`, {
      value: mine.mebibytes / trl.mebibytes,
      aim: mostMemory,
      isMost: true,
      detail: `${mine.mebibytes} MiB against ${trl.mebibytes} MiB`,
    }),
  ]
}

/** Who it is, and how its time is divided where it says so. */
function detailOf({ name, phases = {} }) {
  const all = total(Object.values(phases))
  const shares = Object.entries(phases).map(([phase, ms]) => `${phase} ${Math.round((100 * ms) / all)} %`)
  return [name, ...shares].join(', ')
}
