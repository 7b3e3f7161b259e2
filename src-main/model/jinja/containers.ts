/** Methods of dictionaries and lists: those that change nothing, since templates run in a sandbox. */
import { argument } from './given'
import { fail, isEqual, Tuple, type Dict, type Given, type Value } from './values'

type Method<T> = (of: T, given: Given) => Value

const refused =
  (name: string, type: string): Method<unknown> =>
  () =>
    fail(`access to attribute '${name}' of '${type}' object is unsafe.`)

const refusedOf = (type: string, names: readonly string[]): Readonly<Record<string, Method<unknown>>> =>
  Object.fromEntries(names.map((name) => [name, refused(name, type)]))

export const dictMethods: Readonly<Record<string, Method<Dict>>> = {
  items: (of) => [...of].map(([key, value]) => new Tuple([key, value])),
  keys: (of) => [...of.keys()],
  values: (of) => [...of.values()],
  get: (of, given) => of.get(argument(given, 0, 'key') ?? null) ?? argument(given, 1, 'default') ?? null,
  copy: (of) => new Map(of),
  ...refusedOf('dict', ['pop', 'popitem', 'update', 'setdefault', 'clear']),
}

export const listMethods: Readonly<Record<string, Method<readonly Value[]>>> = {
  count: (of, { args: [one = null] }) => of.filter((each) => isEqual(each, one)).length,
  index: (of, { args: [one = null] }) => {
    const place = of.findIndex((each) => isEqual(each, one))
    return place < 0 ? fail('it is not in list') : place
  },
  copy: (of) => [...of],
  ...refusedOf('list', ['append', 'extend', 'insert', 'pop', 'remove', 'reverse', 'sort', 'clear']),
}
