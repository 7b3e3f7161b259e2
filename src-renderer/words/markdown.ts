/**
 * What a model wrote as Markdown, as a tree of plain elements. Nothing in it can act: HTML stands as the text it is,
 * links and images are written out and lead nowhere, and no attribute is taken from the text.
 */
import { lexer, type Token } from 'marked'

export interface MarkdownElement {
  readonly tag: MarkdownTag
  readonly in: readonly MarkdownNode[]
}
export type MarkdownNode = string | MarkdownElement

type MarkdownTag =
  | 'h1'
  | 'h2'
  | 'h3'
  | 'h4'
  | 'h5'
  | 'h6'
  | 'p'
  | 'pre'
  | 'code'
  | 'blockquote'
  | 'ul'
  | 'ol'
  | 'li'
  | 'table'
  | 'tr'
  | 'th'
  | 'td'
  | 'hr'
  | 'br'
  | 'strong'
  | 'em'
  | 'del'
  | 'span'

/** A text that nests deeper is shown as it stands: reading it would take the window down. */
const deepest = 40

export function markdownOf(text: string): readonly MarkdownNode[] {
  try {
    return lexer(text).flatMap((token) => nodesOf(token, 0))
  } catch {
    return [element('p', [text])]
  }
}

const element = (tag: MarkdownTag, inside: readonly MarkdownNode[]): MarkdownElement => ({ tag, in: inside })

type Reading = (token: Token, depth: number) => readonly MarkdownNode[]

const insideOf: Reading = (token, depth) =>
  'tokens' in token && token.tokens
    ? token.tokens.flatMap((each) => nodesOf(each, depth + 1))
    : [textIn(token)]

const textIn = (token: Token): string => ('text' in token ? String(token.text) : token.raw)

const around =
  (tag: MarkdownTag): Reading =>
  (token, depth) => [element(tag, insideOf(token, depth))]

const cells = (tag: 'th' | 'td', row: readonly Token[], depth: number): MarkdownElement =>
  element(
    'tr',
    row.map((cell) => element(tag, insideOf(cell, depth))),
  )

/** By the kinds of marked's tokens; any other stands as it was written. */
const readings: Readonly<Record<string, Reading>> = {
  space: () => [],
  def: () => [],
  hr: () => [element('hr', [])],
  br: () => [element('br', [])],
  paragraph: around('p'),
  blockquote: around('blockquote'),
  strong: around('strong'),
  em: around('em'),
  del: around('del'),
  list_item: around('li'),
  text: (token, depth) => insideOf(token, depth),
  escape: (token) => [textIn(token)],
  codespan: (token) => [element('code', [textIn(token)])],
  code: (token) => [element('pre', [element('code', [textIn(token)])])],
  heading: (token, depth) => [
    element(`h${'depth' in token ? Number(token.depth) : 1}` as MarkdownTag, insideOf(token, depth)),
  ],
  list: (token, depth) => [
    element(
      'ordered' in token && token.ordered ? 'ol' : 'ul',
      'items' in token ? (token.items as Token[]).flatMap((item) => nodesOf(item, depth + 1)) : [],
    ),
  ],
  table: (token, depth) => {
    if (!('header' in token && 'rows' in token)) return [token.raw]
    const rows = token.rows as Token[][]
    return [
      element('table', [
        cells('th', token.header as Token[], depth),
        ...rows.map((row) => cells('td', row, depth)),
      ]),
    ]
  },
  link: (token, depth) => [
    element('span', [
      ...insideOf(token, depth),
      ...addressOf('href' in token ? String(token.href) : '', token),
    ]),
  ],
  image: (token) => [element('span', [`[image: ${textIn(token)}]`])],
}

const addressOf = (href: string, token: Token): readonly string[] =>
  href === '' || href === textIn(token) ? [] : [` (${href})`]

const nodesOf: Reading = (token, depth) =>
  depth > deepest ? [token.raw] : (readings[token.type]?.(token, depth) ?? [token.raw])
