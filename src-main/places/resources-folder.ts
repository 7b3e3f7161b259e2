/**
 * Where the files that come with the program lie: beside the sources, beside the bundle, beside a package.
 */
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** @throws Error when the program was installed without them */
export function resourcesFolder(): string {
  for (let folder = import.meta.dirname; folder !== dirname(folder); folder = dirname(folder)) {
    const resources = join(folder, 'resources')
    if (existsSync(join(resources, 'datasets'))) return resources
  }
  throw new Error('the folder resources/ is missing: install the program again')
}
