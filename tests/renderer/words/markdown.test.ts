import { describe, expect, it } from 'vitest'
import { markdownOf, type MarkdownNode } from '../../../src-renderer/words/markdown'

const html = (nodes: readonly MarkdownNode[]): string =>
  nodes
    .map((node) => (typeof node === 'string' ? `“${node}”` : `<${node.tag}>${html(node.in)}</${node.tag}>`))
    .join('')
const read = (text: string): string => html(markdownOf(text))

describe('what a model wrote as Markdown', () => {
  it('is elements', () => {
    expect(read('# Title\n\nSome **bold** and `code`.')).toBe(
      '<h1>“Title”</h1><p>“Some ”<strong>“bold”</strong>“ and ”<code>“code”</code>“.”</p>',
    )
    expect(read('1. one\n2. two')).toBe('<ol><li>“one”</li><li>“two”</li></ol>')
    expect(read('| a |\n|---|\n| b |')).toBe('<table><tr><th>“a”</th></tr><tr><td>“b”</td></tr></table>')
  })
  it('never acts: HTML stays text, links and images lead nowhere', () => {
    expect(markdownOf('<script>alert(1)</script>')).toEqual(['<script>alert(1)</script>'])
    expect(read('<img src=x onerror=alert(1)>')).toContain('“<img src=x onerror=alert(1)>')
    expect(read('[here](javascript:alert(1))')).toBe('<p><span>“here”“ (javascript:alert(1))”</span></p>')
    expect(read('![cat](http://example.org/cat.png)')).toBe('<p><span>“[image: cat]”</span></p>')
  })
  it('may nest as deep as it likes', () => {
    expect(() => markdownOf('> '.repeat(5000))).not.toThrow()
    expect(() => markdownOf('*'.repeat(20_000))).not.toThrow()
  })
})
