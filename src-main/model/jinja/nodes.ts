/** A template as a tree. */
import type { Value } from './values'

export interface Arguments {
  readonly args: readonly Expression[]
  readonly named: readonly (readonly [name: string, Expression])[]
  /** `*rest` and `**rest`. */
  readonly rest?: Expression
  readonly namedRest?: Expression
}

export type Expression =
  | { readonly type: 'constant'; readonly value: Value }
  | { readonly type: 'name'; readonly name: string }
  | { readonly type: 'list' | 'tuple'; readonly items: readonly Expression[] }
  | { readonly type: 'dict'; readonly entries: readonly (readonly [Expression, Expression])[] }
  | { readonly type: 'attribute'; readonly of: Expression; readonly name: string }
  | { readonly type: 'item'; readonly of: Expression; readonly key: Expression }
  | {
      readonly type: 'slice'
      readonly of: Expression
      readonly bounds: readonly (Expression | undefined)[]
    }
  | { readonly type: 'call'; readonly of: Expression; readonly given: Arguments }
  | { readonly type: 'filter'; readonly of?: Expression; readonly name: string; readonly given: Arguments }
  | { readonly type: 'test'; readonly of: Expression; readonly name: string; readonly given: Arguments }
  | { readonly type: 'not' | 'negative' | 'positive'; readonly of: Expression }
  | { readonly type: 'and' | 'or'; readonly left: Expression; readonly right: Expression }
  | {
      readonly type: 'arithmetic'
      readonly sign: string
      readonly left: Expression
      readonly right: Expression
    }
  | { readonly type: 'joined'; readonly items: readonly Expression[] }
  | {
      readonly type: 'compared'
      readonly first: Expression
      readonly others: readonly (readonly [sign: string, Expression])[]
    }
  | {
      readonly type: 'choice'
      readonly test: Expression
      readonly yes: Expression
      readonly no?: Expression
    }

/** What a `set` or a `for` gives a value to. */
export type Target =
  | { readonly type: 'name'; readonly name: string }
  | { readonly type: 'part'; readonly of: string; readonly name: string }
  | { readonly type: 'targets'; readonly items: readonly Target[] }

export interface Parameter {
  readonly name: string
  readonly usual?: Expression
}

export interface MacroParts {
  readonly name: string
  readonly parameters: readonly Parameter[]
  readonly body: Block
}

export type Block = readonly Statement[]
export type Statement =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'output'; readonly of: Expression }
  | { readonly type: 'if'; readonly test: Expression; readonly yes: Block; readonly no: Block }
  | {
      readonly type: 'for'
      readonly target: Target
      readonly of: Expression
      readonly test?: Expression
      readonly body: Block
      readonly none: Block
    }
  | { readonly type: 'set'; readonly target: Target; readonly value: Expression }
  | {
      readonly type: 'set-block'
      readonly target: Target
      readonly filter?: Expression
      readonly body: Block
    }
  | ({ readonly type: 'macro' } & MacroParts)
  | ({ readonly type: 'call-block'; readonly call: Expression } & MacroParts)
  | { readonly type: 'filter-block'; readonly filter: Expression; readonly body: Block }
  | {
      readonly type: 'with'
      readonly values: readonly (readonly [Target, Expression])[]
      readonly body: Block
    }
  | { readonly type: 'generation'; readonly body: Block }
  | { readonly type: 'break' | 'continue' }
