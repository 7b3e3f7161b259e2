/**
 * Where ONNX Runtime ran each operator of a graph, from its own account of one run: it runs what a provider
 * has no kernel for on the CPU, without a word, and copies the operands there and back.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Placement {
  /** How many operators ran. */
  readonly operators: number
  /** How many of them fell back to the CPU, by operator. */
  readonly onCpu: Readonly<Record<string, number>>
  /** Copied between device and host inside the graph, because of them. */
  readonly copiedBytes: number
}

export const nothingPlaced: Placement = { operators: 0, onCpu: {}, copiedBytes: 0 }

/** An event of ONNX Runtime's profile, as far as it is read here. */
interface ProfileEvent {
  readonly cat: string
  readonly name: string
  readonly args?: { readonly op_name?: string; readonly provider?: string; readonly output_size?: string }
}

interface Profile {
  /** For a session that is about to be made. */
  readonly options: { readonly enableProfiling: true; readonly profileFilePrefix: string }
  /** Once, after the session has ended its profiling. */
  read(): Placement
  discard(): void
}

/** An account of what a session does until its profiling is ended; what it does later costs nothing. */
function startProfile(): Profile {
  const folder = mkdtempSync(join(tmpdir(), 'studio-profile-'))
  const discard = () => rmSync(folder, { recursive: true, force: true })
  return {
    options: { enableProfiling: true, profileFilePrefix: join(folder, 'profile') },
    read() {
      try {
        return placementOf(
          readdirSync(folder).flatMap(
            (name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as ProfileEvent[],
          ),
        )
      } finally {
        discard()
      }
    },
    discard,
  }
}

/** The account of a session's first run, if somebody wants it. */
export interface FirstRun {
  /** For a session that is about to be made. */
  readonly options: Partial<Profile['options']>
  /** After each run. */
  ran(session: { endProfiling(): void }): void
  discard(): void
}

/** @param onPlacement is told where the operators of the first run ran */
export function watchFirstRun(onPlacement?: (placement: Placement) => void): FirstRun {
  let profile = onPlacement && startProfile()
  return {
    options: profile?.options ?? {},
    ran(session) {
      if (!profile) return
      session.endProfiling()
      onPlacement?.(profile.read())
      profile = undefined
    },
    discard: () => profile?.discard(),
  }
}

const copies: ReadonlySet<string> = new Set(['MemcpyToHost', 'MemcpyFromHost'])

function placementOf(events: readonly ProfileEvent[]): Placement {
  const ran = events.flatMap(({ cat, name, args }) =>
    cat === 'Node' && name.endsWith('_kernel_time') && args?.op_name !== undefined
      ? [{ op: args.op_name, provider: args.provider, bytes: Number(args.output_size ?? 0) }]
      : [],
  )
  const onCpu: Record<string, number> = {}
  for (const { op, provider } of ran)
    if (provider === 'CPUExecutionProvider') onCpu[op] = (onCpu[op] ?? 0) + 1
  return {
    operators: ran.filter(({ op }) => !copies.has(op)).length,
    onCpu,
    copiedBytes: ran.reduce((sum, { op, bytes }) => sum + (copies.has(op) ? bytes : 0), 0),
  }
}

export function addPlacements(a: Placement, b: Placement): Placement {
  const onCpu = { ...a.onCpu }
  for (const [op, count] of Object.entries(b.onCpu)) onCpu[op] = (onCpu[op] ?? 0) + count
  return { operators: a.operators + b.operators, onCpu, copiedBytes: a.copiedBytes + b.copiedBytes }
}

/**
 * For people: "3 of 412 operators fall back to the CPU: Cast, 2 OneHot."
 * @returns undefined when none does
 */
export function fallbackText({ operators, onCpu }: Placement): string | undefined {
  const fallen = Object.entries(onCpu).sort(([a], [b]) => a.localeCompare(b))
  const count = fallen.reduce((sum, [, times]) => sum + times, 0)
  if (count === 0) return undefined
  return (
    `${count} of ${operators} operators fall back to the CPU: ` +
    `${fallen.map(([op, times]) => (times === 1 ? op : `${times} ${op}`)).join(', ')}.`
  )
}
