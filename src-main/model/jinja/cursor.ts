/** Where a parser stands among the tokens. */
import type { Token, TokenKind } from './lexer'

const end: Token = { kind: 'close', value: 'the end' }

export class Cursor {
  private at = 0

  constructor(private readonly tokens: readonly Token[]) {}

  get isDone(): boolean {
    return this.at >= this.tokens.length
  }

  peek(ahead = 0): Token {
    return this.tokens[this.at + ahead] ?? end
  }

  is(kind: TokenKind, value?: string, ahead = 0): boolean {
    const token = this.peek(ahead)
    return token.kind === kind && (value === undefined || token.value === value)
  }

  next(): Token {
    const token = this.peek()
    this.at++
    return token
  }

  /** Goes on when this token comes next. */
  skip(kind: TokenKind, value?: string): boolean {
    if (!this.is(kind, value)) return false
    this.at++
    return true
  }

  /** @throws SyntaxError when it does not come next */
  expect(kind: TokenKind, value?: string): string {
    if (!this.is(kind, value)) this.fail(value ?? kind)
    return this.next().value
  }

  fail(expected: string): never {
    const { kind, value } = this.peek()
    throw new SyntaxError(`${expected} is expected, and “${value || kind}” stands there`)
  }
}
