/** A name with everything in it, as each shell takes it: what was copied is what the program gets. */
import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { quotedFor } from '../../../src-renderer/words/shells'

const odd = 'it\'s "50 %" of $HOME; `echo` & \\ | <a> (b) * ? ! ^ ~ #'

describe('an argument of a copied command', () => {
  it.each(['sh', 'powershell', 'cmd'] as const)(
    'stays as it is where nothing in it means anything: %s',
    (shell) => expect(quotedFor(shell, 'runs/sft-01:x=3')).toBe('runs/sft-01:x=3'),
  )

  it.skipIf(process.platform === 'win32')('reaches a program whole through sh', () => {
    const print = `${process.execPath} -e 'process.stdout.write(process.argv[1])' -- `
    for (const text of [odd, '', 'a\nb', '-x', "'"])
      expect(execFileSync('sh', ['-c', print + quotedFor('sh', text)]).toString()).toBe(text)
  })

  it('is quoted for PowerShell, where a variable in such quotes is only text', () => {
    expect(quotedFor('powershell', "it's $HOME")).toBe("'it''s $HOME'")
    expect(quotedFor('powershell', 'a "b"')).toBe('\'a \\"b\\"\'')
    expect(quotedFor('powershell', '@a')).toBe("'@a'")
  })

  it('is quoted for cmd.exe, where only double quotes hold', () => {
    expect(quotedFor('cmd', "it's a & b")).toBe('"it\'s a & b"')
    expect(quotedFor('cmd', 'a "b"')).toBe('"a \\"b\\""')
    expect(quotedFor('cmd', '50%')).toBe('"50%"')
  })
})
