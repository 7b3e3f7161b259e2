/** Estimates as people read them: a share in percent, a difference with its sign. */

/** "56 %" */
export const percentText = (share: number): string => `${Math.round(100 * share)} %`

/** "46 to 66", in percent */
export const percentRange = (low: number, high: number): string =>
  `${Math.round(100 * low)} to ${Math.round(100 * high)}`

/** "+45", "−204", "0"; with a true minus sign */
export function signedText(value: number, digits = 0): string {
  const text = Math.abs(value).toFixed(digits)
  if (Number(text) === 0) return text
  return `${value < 0 ? '−' : '+'}${text}`
}
