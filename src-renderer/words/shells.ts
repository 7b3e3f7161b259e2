/** How a command is written for the program that it is pasted into. */
const rows = {
  sh: {
    name: 'bash, zsh, sh',
    /** Nothing within these quotes means anything. */
    quote: (text: string) => `'${text.replaceAll("'", "'\\''")}'`,
  },
  powershell: {
    name: 'PowerShell',
    /** A quote within is doubled; one of the other kind would be lost on the way to the program. */
    quote: (text: string) => `'${text.replaceAll("'", "''").replaceAll('"', '\\"')}'`,
  },
  cmd: {
    name: 'cmd.exe',
    /** A percent sign between two others names a variable here, too, and cannot be quoted. */
    quote: (text: string) => `"${text.replaceAll('"', '\\"')}"`,
  },
} as const

export type Shell = keyof typeof rows

export const shells = Object.keys(rows) as readonly Shell[]

export const shellName = (shell: Shell): string => rows[shell].name

/** What nobody has chosen otherwise. */
export const usualShell: Shell =
  typeof navigator !== 'undefined' && /^Win/.test(navigator.platform) ? 'powershell' : 'sh'

/** What means nothing anywhere stays as it is. */
export const quotedFor = (shell: Shell, text: string): string =>
  /^[\w+=:./-]+$/.test(text) ? text : rows[shell].quote(text)
