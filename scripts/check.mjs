/**
 * `npm run check`: types, lint, imports and format, side by side and with what is known from last time: the
 * quick look before a commit. Ends with 1 when something is wrong.
 */
import { checks, runCheck } from './checks.mjs'
import { installPackages } from './setup.mjs'

installPackages()
const results = await Promise.all(Object.entries(checks).map(([name, check]) => runCheck(name, check)))
process.exit(results.every(Boolean) ? 0 : 1)
