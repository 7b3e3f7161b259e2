/** Sizes and counts as people say them. */

const steps = ['bytes', 'KB', 'MB', 'GB', 'TB'] as const

/** 812 bytes · 96 KB · 18.4 MB. Thousands, as file managers count. */
export function bytesText(bytes: number): string {
  let value = bytes
  let step = 0
  while (value >= 1000 && step < steps.length - 1) {
    value /= 1000
    step++
  }
  return `${step === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${steps[step]}`
}

/** Digits in groups of three. */
const grouped = new Intl.NumberFormat('en')

/** 2,572 */
export const countText = (count: number): string => grouped.format(count)

/** "1 row", "2,572 rows" */
export const countOf = (count: number, one: string, many = `${one}s`): string =>
  `${countText(count)} ${count === 1 ? one : many}`
