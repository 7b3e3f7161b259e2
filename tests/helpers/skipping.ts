/**
 * Why a test cannot run on this machine, in its name, from which `npm test` counts the reasons at its end:
 * `describe.skipIf(whyNot)(`on WebGPU${skipped(whyNot)}`, …)`.
 */

/** @param whyNot undefined when it can run */
export const skipped = (whyNot: string | undefined): string =>
  whyNot === undefined ? '' : ` (skipped: ${whyNot})`

/** For tests that read `/proc`, or end processes as Linux does. */
export const whyNotLinux = process.platform === 'linux' ? undefined : 'only Linux has what it looks at'
