/** What `npm run setup:cuda` found and did, in lines for people and for a bug report. */

/**
 * @param {object} facts
 * @param {import('./machine.mjs').Machine} facts.machine
 * @param {{ wheel: string, forGpu: boolean, gpu?: string, libraries: { name: string, version: string }[],
 *   node: string }} facts.record
 * @param {string} facts.binding  path
 * @param {{ version: string, isOnGpu: boolean, said: string }} facts.trial
 */
export function reportOf({ machine, record, binding, trial }) {
  return [
    ['machine', `${machine.platform} ${machine.arch}, ${machine.libc}`],
    ['GPU', machine.gpus.length > 0 ? machine.gpus.map(gpuText).join('; ') : `none: ${machine.whyNoGpu}`],
    ['TensorFlow', `${trial.version}, from PyPI’s ${record.wheel}`],
    [
      'CUDA',
      record.libraries.length > 0
        ? record.libraries
            .map(({ name, version }) => `${name.replace(/^nvidia-|-cu\d+$/g, '')} ${version}`)
            .join(', ')
        : 'not part of this wheel',
    ],
    ['binding', `${binding}, compiled by Node ${record.node}`],
    ['runs on', runsOn(record, trial)],
  ]
    .map(([name, text]) => `  ${name.padEnd(11)} ${text.split('\n').join(`\n${' '.repeat(14)}`)}`)
    .join('\n')
}

const gpuText = ({ name, memoryMiB, driver }) =>
  `${name}${memoryMiB > 0 ? `, ${(memoryMiB / 1024).toFixed(0)} GiB` : ''}, driver ${driver}`

function runsOn(record, { isOnGpu, said }) {
  if (isOnGpu) return record.gpu ?? 'NVIDIA GPU'
  if (!record.forGpu) return 'CPU'
  return `CPU: TensorFlow finds no GPU it can use${said ? `. It says:\n${said}` : ''}`
}

/** What it will cost, before anything is fetched. @param freeGb on the disk, in 10⁹ bytes */
export function costOf({ downloadGb, diskGb }, folder, freeGb) {
  return (
    `Downloads about ${downloadGb} GB and takes about ${diskGb} GB in ${folder} (${freeGb.toFixed(0)} GB ` +
    'free).'
  )
}

/**
 * A reason in words, or undefined where there is room: a wheel lies beside what has been unpacked of the
 * others.
 */
export function whyNoRoom({ downloadGb, diskGb }, freeGb) {
  const needed = diskGb + downloadGb / 2
  return freeGb < needed
    ? `There is no room: ${needed.toFixed(1)} GB are needed while it is unpacked, ${freeGb.toFixed(1)} GB ` +
        'are free. Nothing has changed.'
    : undefined
}
