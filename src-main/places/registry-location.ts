/** Where the registry lies when nobody says so. */
import { homedir } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'
import { StudioFailure } from '../../src-shared/result'

/** What was asked for: `--registry PATH`, else the environment's `STUDIO_REGISTRY`, else nothing. */
export function askedRegistry(flag: string | undefined, environment: NodeJS.ProcessEnv): string | undefined {
  const asked = flag || environment['STUDIO_REGISTRY']
  return asked ? resolve(asked) : undefined
}

/**
 * The platform's folder for a program's data: the same for the headless server and the command line.
 * @throws StudioFailure storage, when this user has none
 */
export function defaultRegistry(platform: NodeJS.Platform, environment: NodeJS.ProcessEnv): string {
  const folder = dataFolder(platform, environment)
  // An empty HOME would put it into whatever folder is the current one.
  if (!isAbsolute(folder))
    throw new StudioFailure({
      kind: 'storage',
      problem:
        'It is not known where this user’s files belong (HOME is empty): say where with --registry PATH.',
    })
  return join(folder, 'rlhf-studio', 'registry.sqlite')
}

/**
 * This user's list of Ray clusters: of the user, never of a registry, which may come from somebody else.
 * @returns undefined where it is not known where this user's files belong
 */
export function clustersFile(platform: NodeJS.Platform, environment: NodeJS.ProcessEnv): string | undefined {
  const own = dataFolder(platform, environment)
  return (
    environment['STUDIO_CLUSTERS'] ||
    (isAbsolute(own) ? join(own, 'rlhf-studio', 'clusters.json') : undefined)
  )
}

function dataFolder(platform: NodeJS.Platform, environment: NodeJS.ProcessEnv): string {
  if (platform === 'win32') return environment['APPDATA'] ?? join(homedir(), 'AppData', 'Roaming')
  if (platform === 'darwin') return join(homedir(), 'Library', 'Application Support')
  return environment['XDG_DATA_HOME'] || join(homedir(), '.local', 'share')
}
