/** Numbers, times and tables as lines of text. */
import { metrics, type MetricName } from '../../src-shared/metrics'

/** Columns as wide as their widest cell; numbers (all cells but the head) stand right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((name, column) =>
    Math.max(name.length, ...rows.map((row) => row[column]?.length ?? 0)),
  )
  const isNumeric = head.map(
    (_, column) => rows.length > 0 && rows.every((row) => /^[\d.,−–-]*( .*)?$/.test(row[column] ?? '')),
  )
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) =>
        isNumeric[column] ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd()
  return [head, ...rows].map(line).join('\n')
}

export const count = (value: number): string => value.toLocaleString('en-US')

/** Four significant digits, as a person would write them. */
export function figure(value: number): string {
  if (value === 0) return '0'
  const magnitude = Math.abs(value)
  return magnitude >= 1e5 || magnitude < 1e-3 ? value.toExponential(2) : String(Number(value.toPrecision(4)))
}

export function metric(name: MetricName, value: number): string {
  const { unit } = metrics[name]
  return unit ? `${figure(value)} ${unit}` : figure(value)
}

/** "2 min 5 s" */
export function duration(ms: number): string {
  const seconds = Math.round(ms / 1000)
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`
}

/** "2025-01-31 14:05", local time. */
export function moment(atMs: number): string {
  const date = new Date(atMs)
  const two = (value: number): string => String(value).padStart(2, '0')
  return (
    `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ` +
    `${two(date.getHours())}:${two(date.getMinutes())}`
  )
}

export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`
}

/** A bar of twenty places. */
export function bar(fraction: number): string {
  const full = Math.round(20 * Math.min(1, Math.max(0, fraction)))
  return `${'█'.repeat(full)}${'░'.repeat(20 - full)}`
}
