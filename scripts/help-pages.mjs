/**
 * A plugin of Vite that turns a page of resources/docs/ into data while the studio is built: `import { title,
 * blocks } from 'compute.md'`. A block is a text, or `{ tag, is, in }`: an element with its attributes and
 * what stands in it. So the page needs no parser and shows no HTML that somebody wrote: raw HTML in a document
 * fails the build.
 */
import path from 'node:path'

export function helpPages() {
  return {
    name: 'help-pages',
    enforce: 'pre',
    async transform(text, id) {
      const file = id.split('?')[0]
      if (!/resources[\\/]docs[\\/][^\\/]+\.md$/.test(file)) return undefined
      return { code: moduleOf(await readPage(text, path.basename(file))), map: null }
    },
  }
}

/** @throws Error naming the page that holds what is not shown */
export async function readPage(text, name) {
  const { lexer } = await import('marked')
  const images = []
  const blocks = lexer(text).flatMap((token) => blockOf(token, { name, images }))
  const title = textIn(blocks.find((block) => block.tag === 'h1')) || name
  return { title, blocks, images }
}

/** Images are imported, so that they are built and found like every other file of the page. */
function moduleOf({ title, blocks, images }) {
  const imports = images.map(
    (place, index) => `import image${index} from ${JSON.stringify(`./${place}?url`)}`,
  )
  return [
    ...imports,
    `export const title = ${JSON.stringify(title)}`,
    `export const images = [${images.map((_, index) => `image${index}`).join(', ')}]`,
    `export const blocks = ${JSON.stringify(blocks)}`,
  ].join('\n')
}

const element = (tag, inside, is = {}) => ({ tag, is, in: inside })

function blockOf(token, page) {
  const inside = () => token.tokens.flatMap((each) => spanOf(each, page))
  switch (token.type) {
    case 'space':
      return []
    case 'html':
      if (/^<!--[^]*-->\s*$/.test(token.text)) return []
      throw notShown(token, page)
    case 'heading':
      return element(`h${token.depth}`, inside(), { id: anchorOf(token.text) })
    case 'paragraph':
    case 'text':
      return token.type === 'text' && !token.tokens ? token.text : element('p', inside())
    case 'code':
      return element('pre', [element('code', [token.text])])
    case 'blockquote':
      return element(
        'blockquote',
        token.tokens.flatMap((each) => blockOf(each, page)),
      )
    case 'hr':
      return element('hr', [])
    case 'list':
      return element(
        token.ordered ? 'ol' : 'ul',
        token.items.map((item) => itemOf(item, page)),
      )
    case 'table':
      return tableOf(token, page)
    default:
      throw notShown(token, page)
  }
}

/** A tight item is its text; a loose one has paragraphs. */
function itemOf(item, page) {
  const inside = item.tokens.flatMap((token) =>
    token.type === 'text' ? token.tokens.flatMap((each) => spanOf(each, page)) : blockOf(token, page),
  )
  return element('li', inside)
}

function tableOf({ header, rows }, page) {
  const cell = (tag) => (each) =>
    element(
      tag,
      each.tokens.flatMap((token) => spanOf(token, page)),
    )
  const row = (tag, cells) => element('tr', cells.map(cell(tag)))
  return element('table', [
    element('thead', [row('th', header)]),
    element(
      'tbody',
      rows.map((cells) => row('td', cells)),
    ),
  ])
}

const plainSpans = { strong: 'strong', em: 'em', del: 'del' }

function spanOf(token, page) {
  const inside = () => token.tokens.flatMap((each) => spanOf(each, page))
  if (token.type in plainSpans) return element(plainSpans[token.type], inside())
  switch (token.type) {
    case 'text':
    case 'escape':
      return unescaped(token.text)
    case 'codespan':
      return element('code', [unescaped(token.text)])
    case 'br':
      return element('br', [])
    case 'link':
      return element('a', inside(), { href: token.href })
    case 'image':
      return element('img', [], { image: imageIn(token.href, page), alt: token.text })
    default:
      throw notShown(token, page)
  }
}

function imageIn(href, { images }) {
  if (!images.includes(href)) images.push(href)
  return images.indexOf(href)
}

const signs = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" }
const unescaped = (text) => text.replace(/&(amp|lt|gt|quot|#39);/g, (_, name) => signs[name])

/** As code hosts make them: "How the CPU runs a graph" → how-the-cpu-runs-a-graph. */
export const anchorOf = (heading) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-')

/** Every token of a text, however deep. */
export async function tokensIn(text) {
  const { lexer, walkTokens } = await import('marked')
  const tokens = []
  walkTokens(lexer(text), (token) => void tokens.push(token))
  return tokens
}

const textIn = (node) =>
  node === undefined ? '' : typeof node === 'string' ? node : node.in.map(textIn).join('')

const notShown = (token, { name }) =>
  new Error(
    `${name}: Help does not show ${token.type === 'html' ? 'raw HTML' : token.type}: ${token.raw.trim()}`,
  )
