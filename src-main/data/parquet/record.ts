/**
 * A row's value of a column that may be nested: lists, structures and maps out of the entries of the columns of
 * values below it (Melnik et al. 2010, "Dremel", section 4.2).
 */
import type { Entry } from './column'
import type { Node } from './schema'

/** A column of values and how far its entries of this row are used. */
export interface Leaf {
  readonly entries: readonly Entry[]
  at: number
}

/** @param leaves of `node`, by their paths joined with a line break */
export function recordOf(node: Node, leaves: ReadonlyMap<string, Leaf>): unknown {
  const first = leafBelow(node, leaves)
  const head = first.entries[first.at]
  if (!head) throw new Error('a column of it has fewer rows than the others')
  if (head.definition < node.definition) {
    passBy(node, leaves)
    return node.element.repetition_type === 'REPEATED' ? [] : null
  }
  if (node.element.repetition_type !== 'REPEATED') return oneOf(node, leaves)
  const list = [oneOf(node, leaves)]
  while (first.entries[first.at]?.repetition === node.repetition) list.push(oneOf(node, leaves))
  return list
}

function oneOf(node: Node, leaves: ReadonlyMap<string, Leaf>): unknown {
  if (node.children.length === 0) {
    const leaf = leafBelow(node, leaves)
    return leaf.entries[leaf.at++]?.value
  }
  const [only] = node.children
  if (node.children.length === 1 && only && isList(node)) return listIn(only, leaves)
  if (node.children.length === 1 && only && isMap(node)) return mapIn(recordOf(only, leaves))
  return Object.fromEntries(node.children.map((child) => [child.name, recordOf(child, leaves)]))
}

/** A list is a repeated group of one element, or in old files the repeated element itself. */
function listIn(repeated: Node, leaves: ReadonlyMap<string, Leaf>): unknown {
  const [element] = repeated.children
  const values = recordOf(repeated, leaves)
  const isWrapped =
    repeated.children.length === 1 && repeated.name !== 'array' && !repeated.name.endsWith('_tuple')
  if (!element || !isWrapped || !Array.isArray(values)) return values
  return values.map((each: unknown) =>
    typeof each === 'object' && each !== null ? (each as Record<string, unknown>)[element.name] : each,
  )
}

function mapIn(pairs: unknown): unknown {
  if (!Array.isArray(pairs)) return pairs
  return Object.fromEntries(
    pairs.map((pair: { readonly key?: unknown; readonly value?: unknown }) => [
      typeof pair.key === 'string' ? pair.key : JSON.stringify(pair.key ?? null),
      pair.value,
    ]),
  )
}

function passBy(node: Node, leaves: ReadonlyMap<string, Leaf>): void {
  if (node.children.length === 0) leafBelow(node, leaves).at++
  else for (const child of node.children) passBy(child, leaves)
}

function leafBelow(node: Node, leaves: ReadonlyMap<string, Leaf>): Leaf {
  let below = node
  for (let [child] = below.children; child; [child] = below.children) below = child
  const leaf = leaves.get(below.path.join('\n'))
  if (!leaf) throw new Error(`the column "${below.path.join('.')}" is missing`)
  return leaf
}

const isList = ({ element }: Node): boolean =>
  element.converted_type === 'LIST' || element.logical_type?.type === 'LIST'

const isMap = ({ element }: Node): boolean =>
  element.converted_type === 'MAP' ||
  element.converted_type === 'MAP_KEY_VALUE' ||
  element.logical_type?.type === 'MAP'
