/** The tokens as a canvas needs them: resolved to a colour, again whenever the theme changes. */

/** Okabe–Ito members in the fixed order of `--series-1…5`: so many lines stand in one chart. */
export const seriesCount = 5

/** The CSS variable of a series as a line, and as text of the same hue. */
export const seriesToken = (index: number): string => `--series-${(index % seriesCount) + 1}`
export const seriesInkToken = (index: number): string =>
  ['--series-1', '--series-2-ink', '--chosen', '--series-4', '--series-5'][index % seriesCount] ?? '--ink'

/** All series colours as they are under `host` now. */
export const seriesColours = (host: HTMLElement): readonly string[] =>
  Array.from({ length: seriesCount }, (_, index) => resolveColour(host, seriesToken(index)))

function resolveColour(host: HTMLElement, token: string): string {
  const probe = document.createElement('span')
  probe.hidden = true
  probe.style.color = `var(${token})`
  host.append(probe)
  const { color } = getComputedStyle(probe)
  probe.remove()
  return color
}
