/**
 * The machine: what can compute, and the program itself. Plain data, safe to clone across any process border.
 * Times are milliseconds since 1970.
 */

export interface Device {
  readonly id: string
  /** "CPU, 2 threads, compiled" */
  readonly name: string
  readonly isUsable: boolean
  readonly whyNot?: string
  readonly isDefault: boolean
  /** All it has, free or not; absent where nobody says. */
  readonly memoryBytes?: number
  /** Most threads it can be told to use; absent where it takes no number of them. */
  readonly mostThreads?: number
  /** This project's own tests do not run on it, and the self-test has not passed on it yet. */
  readonly isUntested?: boolean
}

export interface AppInfo {
  readonly version: string
  readonly host: 'electron' | 'headless'
  readonly registryPath: string
  readonly registryBytes: number
  readonly devices: readonly Device[]
}

/** Whether the registry's file is still where it was when it was opened. */
export interface RegistryState {
  /** Why nothing more can be saved; then where a whole copy could go. */
  readonly lost?: { readonly problem: string; readonly copyPath: string }
}
