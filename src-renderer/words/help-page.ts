/** A page of help as the build has read it: a tree of a few elements, with nothing in it that could act. */

export type HelpNode = string | HelpElement

export interface HelpElement {
  readonly tag: string
  /** A link's `href` as it was written, an image's number and words, a heading's anchor. */
  readonly is: {
    readonly id?: string
    readonly href?: string
    readonly image?: number
    readonly alt?: string
  }
  readonly in: readonly HelpNode[]
}

export interface HelpPage {
  readonly name: string
  readonly title: string
  readonly blocks: readonly HelpNode[]
  /** Addresses of its images, by their number. */
  readonly images: readonly string[]
}

export type HelpLink =
  { readonly page: string; readonly section?: string } | { readonly section: string } | undefined

/** Where a link in a page leads in Help: another page, a section of this one; undefined: out of Help. */
export function helpLinkOf(href: string): HelpLink {
  const [, page, section] = /^(?:\.\/)?([\w-]+)\.md(?:#(.+))?$/.exec(href) ?? []
  if (page !== undefined) return section === undefined ? { page } : { page, section }
  return href.startsWith('#') ? { section: href.slice(1) } : undefined
}
