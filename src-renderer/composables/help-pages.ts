/// <reference types="vite/client" />
/** The pages of help, as they were built in: every Markdown file of resources/docs/, in the order of its index. */
import { helpLinkOf, type HelpElement, type HelpNode, type HelpPage } from '../words/help-page'

type Built = Omit<HelpPage, 'name'>

const built = import.meta.glob<Built>('../../resources/docs/*.md', { eager: true })
const indexName = 'README'

const all: readonly HelpPage[] = Object.entries(built).map(([file, { title, blocks, images }]) => ({
  name: nameOf(file),
  title,
  blocks,
  images,
}))

function nameOf(file: string): string {
  return file.slice(file.lastIndexOf('/') + 1, -'.md'.length)
}

/** First the index itself, then as it links them, then what it has forgotten. */
export const helpPages: readonly HelpPage[] = inOrder()

function inOrder(): readonly HelpPage[] {
  const index = all.find(({ name }) => name === indexName)
  const linked = index ? index.blocks.flatMap(pagesLinkedIn) : []
  const place = (name: string): number => (linked.includes(name) ? linked.indexOf(name) : linked.length)
  const others = all.filter((page) => page !== index)
  return [...(index ? [index] : []), ...others.toSorted((a, b) => place(a.name) - place(b.name))]
}

function pagesLinkedIn(node: HelpNode): readonly string[] {
  if (typeof node === 'string') return []
  const link = node.tag === 'a' ? helpLinkOf(node.is.href ?? '') : undefined
  return [...(link && 'page' in link ? [link.page] : []), ...node.in.flatMap(pagesLinkedIn)]
}

/** Headings of the second level. */
export function sectionsOf(page: HelpPage): readonly { readonly id: string; readonly title: string }[] {
  return page.blocks
    .filter((node): node is HelpElement => typeof node !== 'string' && node.tag === 'h2')
    .map((heading) => ({ id: heading.is.id ?? '', title: wordsOf(heading) }))
}

const wordsOf = (node: HelpNode): string => (typeof node === 'string' ? node : node.in.map(wordsOf).join(''))
