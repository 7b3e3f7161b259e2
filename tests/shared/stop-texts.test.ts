import { describe, expect, it } from 'vitest'
import { defaultsOf } from '../../src-shared/fields'
import { samplingFields, samplingSchema } from '../../src-shared/sampling'
import { stopTexts, typedStopTexts } from '../../src-shared/stop-texts'

describe('stop texts as they are typed', () => {
  it.each([
    ['', []],
    ['.', ['.']],
    [' \\n\\nHuman: , ### ', ['\n\nHuman:', '###']],
    ['\\sUser,a\\,b,\\\\n', [' User', 'a,b', '\\n']],
    ['\\s', [' ']],
    ['Ü, 🙂', ['Ü', '🙂']],
  ])('%j are %j', (written, texts) => {
    expect(stopTexts(written)).toEqual(texts)
  })
  it.each([
    [',', 'must have a text on each side of a comma; a comma itself is written \\,'],
    ['a,', 'must have a text on each side of a comma; a comma itself is written \\,'],
    ['a, ,b', 'must have a text on each side of a comma; a comma itself is written \\,'],
    ['a\\x', 'must have one of n, r, t, s, a comma or \\ after each \\'],
    ['a\\', 'must have one of n, r, t, s, a comma or \\ after each \\'],
  ])('%j is refused', (written, problem) => {
    const parsed = samplingSchema.safeParse({ ...defaultsOf(samplingFields), stop: written })
    expect(parsed.error?.issues[0]).toMatchObject({ path: ['stop'], message: problem })
  })
  it.each([[[]], [['a, b', '\\n', '\n\n', ' ', '\r\n']], [['###', ' User:']]])(
    '%j come back as they were',
    (texts) => {
      expect(stopTexts(typedStopTexts(texts)!)).toEqual(texts)
    },
  )
  it.each([[['a\u0000b']], [['\u00a0']], [['']]])('%j cannot be typed', (texts) => {
    expect(typedStopTexts(texts)).toBeUndefined()
  })
})
