/** `write-work.js FOLDER NAME`: the common work, for peers in other languages. */
import { workNamed, writeWork } from './work'

writeWork(process.argv[2]!, workNamed(process.argv[3]))
