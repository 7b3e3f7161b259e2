/** Loaded before a program (node --import): its calendar is off by as many milliseconds as the file says now. */
import { readFileSync } from 'node:fs'

const RealDate = Date
let readAt = -Infinity
let offset = 0

function offsetMs() {
  if (performance.now() - readAt > 20) {
    readAt = performance.now()
    offset = Number(readFileSync(process.env.STUDIO_TEST_CLOCK, 'utf8')) || 0
  }
  return offset
}

globalThis.Date = class extends RealDate {
  constructor(...parts) {
    if (parts.length === 0) super(RealDate.now() + offsetMs())
    else super(...parts)
  }
  static now() {
    return RealDate.now() + offsetMs()
  }
}
