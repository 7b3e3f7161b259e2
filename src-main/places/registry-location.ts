/** Where the registry lies when nobody says so. */
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

/** What was asked for: `--registry PATH`, else the environment's `STUDIO_REGISTRY`, else nothing. */
export function askedRegistry(flag: string | undefined, environment: NodeJS.ProcessEnv): string | undefined {
  const asked = flag || environment['STUDIO_REGISTRY']
  return asked ? resolve(asked) : undefined
}

/** The platform's folder for a program's data: the same for the headless server and the command line. */
export function defaultRegistry(platform: NodeJS.Platform, environment: NodeJS.ProcessEnv): string {
  return join(dataFolder(platform, environment), 'rlhf-studio', 'registry.sqlite')
}

function dataFolder(platform: NodeJS.Platform, environment: NodeJS.ProcessEnv): string {
  if (platform === 'win32') return environment['APPDATA'] ?? join(homedir(), 'AppData', 'Roaming')
  if (platform === 'darwin') return join(homedir(), 'Library', 'Application Support')
  return environment['XDG_DATA_HOME'] || join(homedir(), '.local', 'share')
}
