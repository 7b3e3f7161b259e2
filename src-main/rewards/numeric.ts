/**
 * Whether a completion answers with the number of a reference: 1, else 0. The number of a reference is the one after
 * its last #### (as in GSM8K) or in its last \\boxed{}, or else the last one in it.
 */
import { numeric } from '../../src-shared/rewards/numeric'
import { rewardAgainstReferences } from './references'

export const numericSource = rewardAgainstReferences(numeric, ({ match }) => (completion, references) => {
  const said = match === 'strict' ? strictNumber(completion) : lenientNumber(completion)
  return said !== undefined &&
    references.some((each) => isSame(said, strictNumber(each) ?? lenientNumber(each)))
    ? 1
    : 0
})

/** 1,234.5 and −3 and $4 and 5 %; a point at the end of a sentence is none of it. */
const numberPattern = /[-−+]?\$?(?:(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?|\.\d+)/g

/** What is marked as the answer, and all of it: `#### 1,234`, `\\boxed{−3}`, or the text itself. */
function strictNumber(text: string): number | undefined {
  const marked = [...text.matchAll(/####([^\n]*)|\\boxed\{([^{}]*)\}/g)].at(-1)
  const answer = (marked ? (marked[1] ?? marked[2] ?? '') : text).trim().replace(/\s*%?\.?$/, '')
  const [number] = answer.match(numberPattern) ?? []
  return number === answer ? valueOf(number) : undefined
}

function lenientNumber(text: string): number | undefined {
  const last = text.match(numberPattern)?.at(-1)
  return last === undefined ? undefined : valueOf(last)
}

const valueOf = (number: string): number => Number(number.replace('−', '-').replace(/[$,]/g, ''))

/** As far as a double tells numbers apart: 0.1 + 0.2 is 0.3. */
const isSame = (said: number, wanted: number | undefined): boolean =>
  wanted !== undefined && Math.abs(said - wanted) <= 1e-9 * Math.max(1, Math.abs(wanted))
