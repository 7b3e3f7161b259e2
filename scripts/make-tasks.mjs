/**
 * Writes the two generated datasets in resources/datasets/: every problem of two small tasks, in order, each
 * with its one right answer.
 *
 *   node scripts/make-tasks.mjs
 *
 * two-digit-sums.csv  all 10,000 sums of two numbers of two digits, as in minGPT (projects/adder/adder.py):
 * the digits of both numbers, then those of
 *                     their sum from the last to the first, which is the order in which one carries. 85 + 50
 *                     = 135 is 8550 → 531.
 * six-digits.csv      all 15,625 rows of six digits from 1 to 5, and the same sorted (minGPT's demo.ipynb
 * sorts six of three).
 */
import { writeFileSync } from 'node:fs'
import path from 'node:path'

const folder = path.join(import.meta.dirname, '../resources/datasets')
const padded = (number, digits) => String(number).padStart(digits, '0')
const backwards = (text) => [...text].reverse().join('')

const sums = Array.from({ length: 10_000 }, (_, problem) => {
  const a = Math.floor(problem / 100)
  const b = problem % 100
  return `${padded(a, 2)}${padded(b, 2)},${backwards(padded(a + b, 3))}`
})
const sorted = Array.from({ length: 5 ** 6 }, (_, problem) => {
  const digits = [...padded(problem.toString(5), 6)].map((digit) => Number(digit) + 1)
  return `${digits.join('')},${digits.toSorted().join('')}`
})

const write = (name, rows) =>
  writeFileSync(path.join(folder, name), ['prompt,completion', ...rows, ''].join('\n'))
write('two-digit-sums.csv', sums)
write('six-digits.csv', sorted)
