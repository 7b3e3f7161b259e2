/** `write-work.js FOLDER`: the common work, for peers in other languages. */
import { writeWork } from './work'

writeWork(process.argv[2]!)
