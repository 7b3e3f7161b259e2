/** README, CONTRIBUTING and the pages of help name what is there: files, folders, pages, sections, commands. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
// @ts-expect-error a script without types
import { anchorOf, tokensIn } from '../../scripts/help-pages.mjs'

const root = path.resolve(import.meta.dirname, '../..')
const docs = readdirSync(path.join(root, 'resources/docs')).filter((name) => name.endsWith('.md'))
const documents = ['README.md', '.github/CONTRIBUTING.md', ...docs.map((name) => `resources/docs/${name}`)]
const commandsFolder = 'src-main/cli/commands'
const textOf = (document: string) => readFileSync(path.join(root, document), 'utf8')

interface Token {
  readonly type: string
  readonly text: string
  readonly href: string
}

const tokens = new Map<string, readonly Token[]>()
for (const document of documents) tokens.set(document, await tokensIn(textOf(document)))
const tokensOf = (document: string): readonly Token[] => tokens.get(path.normalize(document)) ?? []

const linksOf = (document: string) =>
  tokensOf(document).flatMap((token) =>
    (token.type === 'link' || token.type === 'image') && !/^https?:/.test(token.href) ? [token.href] : [],
  )

const codeOf = (document: string) =>
  tokensOf(document).flatMap((token) =>
    token.type === 'codespan' || token.type === 'code' ? [String(token.text)] : [],
  )

describe.each(documents)('%s', (document) => {
  it('links to files and sections that are there', () => {
    const broken = linksOf(document).filter((href) => {
      const [place = '', section] = href.split('#')
      const file = place === '' ? document : path.join(path.dirname(document), place)
      return !existsSync(path.join(root, file)) || (section !== undefined && !hasSection(file, section))
    })
    expect(broken).toEqual([])
  })

  it('names folders and files of the sources that are there', () => {
    const named = codeOf(document).flatMap((code) => [
      ...code.matchAll(
        /(?<![\w./~-])(?:src-(?:main|shared|renderer)|scripts|tests|resources)\/[\w./-]*\w\/?/g,
      ),
    ])
    const places = [...new Set(named.map(([place]) => place))]
    expect(places.filter((place) => !existsSync(path.join(root, place)))).toEqual([])
  })

  it('names commands that there are', () => {
    const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> }
    const cli = readdirSync(path.join(root, commandsFolder)).map((file) =>
      textOf(`${commandsFolder}/${file}`),
    )
    const commands = [...cli.join('').matchAll(/\.command\('([\w-]+)/g)].map(([, name]) => name!)
    const text = codeOf(document).join('\n')
    const npm = [...text.matchAll(/npm (?:run )?([\w:]+)/g)].map(([, name]) => name!)
    const studio = [...text.matchAll(/npx studio ([a-z]\w*)/g)].map(([, name]) => name!)
    expect(npm.filter((name) => !['ci', ...Object.keys(scripts)].includes(name))).toEqual([])
    expect(studio.filter((name) => !commands.includes(name))).toEqual([])
  })
})

function hasSection(file: string, section: string): boolean {
  return tokensOf(file).some((token) => token.type === 'heading' && anchorOf(token.text) === section)
}

describe('README.md', () => {
  it('is one reading', () => {
    const lines = textOf('README.md').split('\n').length - 1
    expect(lines).toBeGreaterThanOrEqual(150)
    expect(lines).toBeLessThanOrEqual(200)
  })
})

describe('the index of help', () => {
  it('links every page', () => {
    const linked = linksOf('resources/docs/README.md')
    expect(docs.filter((name) => name !== 'README.md' && !linked.includes(name))).toEqual([])
  })
})
