/**
 * The day that every template is told, so that a prompt stays the same text: the one that Llama's own falls back
 * to.
 */
const parts: Readonly<Record<string, string>> = {
  a: 'Fri',
  A: 'Friday',
  b: 'Jul',
  B: 'July',
  c: 'Fri Jul 26 12:00:00 2024',
  d: '26',
  D: '07/26/24',
  e: '26',
  f: '000000',
  F: '2024-07-26',
  h: 'Jul',
  H: '12',
  I: '12',
  j: '208',
  m: '07',
  M: '00',
  n: '\n',
  p: 'PM',
  R: '12:00',
  S: '00',
  t: '\t',
  T: '12:00:00',
  u: '5',
  U: '29',
  V: '30',
  w: '5',
  W: '30',
  x: '07/26/24',
  X: '12:00:00',
  y: '24',
  Y: '2024',
  z: '',
  Z: '',
  '%': '%',
}

/** `strftime` of 26 July 2024, 12:00; "-" takes leading zeros away. */
export const strftime = (format: string): string =>
  format.replace(/%(-?)([a-zA-Z%])/g, (whole, dash: string, sign: string) => {
    const part = parts[sign]
    if (part === undefined) return whole
    return dash === '' ? part : part.replace(/^0+(?=\d)/, '')
  })
