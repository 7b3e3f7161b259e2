/**
 * A reporter for vitest that counts: what passed, what failed, and for each reason how many tests were
 * skipped. Writes JSON to the file that STUDIO_TEST_COUNTS names.
 *
 * A reason is what the test gave to `skip`, or stands in its name: "on WebGPU (skipped: there is no GPU) …".
 */
import fs from 'node:fs'

export default class CountReporter {
  onTestRunEnd(modules, unhandledErrors) {
    const tests = modules.flatMap((module) => [...module.children.allTests()])
    const inState = (...states) => tests.filter((test) => states.includes(test.result().state))
    const brokenFiles = modules.filter((module) => module.errors().length > 0)
    const counts = {
      passed: inState('passed').length,
      failed: inState('failed').length + brokenFiles.length + unhandledErrors.length,
      skipped: countedReasons(inState('skipped', 'pending').map(reasonOf)),
    }
    fs.writeFileSync(process.env.STUDIO_TEST_COUNTS, JSON.stringify(counts))
  }
}

const reasonOf = (test) =>
  test.result().note ?? /\(skipped: ([^]*?)\)(?= > |$)/.exec(test.fullName)?.[1] ?? test.fullName

/** @returns each reason once: { reason, tests } */
function countedReasons(reasons) {
  const tests = new Map()
  for (const reason of reasons) tests.set(reason, (tests.get(reason) ?? 0) + 1)
  return [...tests].map(([reason, count]) => ({ reason, tests: count }))
}

/** One sum of several runs. */
export function sum(counts) {
  const total = (name) => counts.reduce((all, each) => all + each[name], 0)
  const reasons = counts.flatMap(({ skipped }) =>
    skipped.flatMap(({ reason, tests }) => Array.from({ length: tests }, () => reason)),
  )
  return { passed: total('passed'), failed: total('failed'), skipped: countedReasons(reasons) }
}

/** The last lines of `npm test`: why something was skipped, each reason once, and what came of all. */
export function closingLines({ passed, failed, skipped }) {
  const reasons = skipped.map(({ reason, tests }) => `skipped ${tests}: ${reason}`)
  const skippedTests = skipped.reduce((all, { tests }) => all + tests, 0)
  return [...reasons, `${passed} passed, ${failed} failed, ${skippedTests} skipped`]
}
