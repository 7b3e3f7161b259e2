/** The tree of a Parquet file's columns, with the levels at which each is there or repeats. */
import type { FileMetaData, SchemaElement } from 'hyparquet'

export interface Node {
  readonly name: string
  /** Names from the top, as a column chunk says which column it is of. */
  readonly path: readonly string[]
  readonly element: SchemaElement
  readonly children: readonly Node[]
  /** Level from which on the value is there. */
  readonly definition: number
  /** How many lists it stands in, its own included. */
  readonly repetition: number
}

const MOST_COLUMNS = 20_000
const DEEPEST = 40

/** @throws Error when the tree is not whole, or larger than any that is read */
export function columnTree({ schema }: FileMetaData): readonly Node[] {
  if (schema.length > MOST_COLUMNS) throw new Error(`it says it has ${schema.length} columns`)
  let next = 0
  const nodeAt = (above: Pick<Node, 'path' | 'definition' | 'repetition'>): Node => {
    const element = schema[next++]
    if (!element || typeof element.name !== 'string') throw new Error('its list of columns is not whole')
    if (above.path.length > DEEPEST) throw new Error('its columns are nested too deep')
    const place = {
      path: [...above.path, element.name],
      definition: above.definition + (element.repetition_type === 'REQUIRED' ? 0 : 1),
      repetition: above.repetition + (element.repetition_type === 'REPEATED' ? 1 : 0),
    }
    return { name: element.name, element, ...place, children: childrenOf(element, place) }
  }
  const childrenOf = (element: SchemaElement, place: Parameters<typeof nodeAt>[0]): readonly Node[] => {
    const children: Node[] = []
    while (children.length < (element.num_children ?? 0)) children.push(nodeAt(place))
    return children
  }
  const root = schema[next++]
  return root ? childrenOf(root, { path: [], definition: 0, repetition: 0 }) : []
}

/** The columns of values, in the order in which row groups list them. */
export function leavesOf(node: Node): readonly Node[] {
  return node.children.length === 0 ? [node] : node.children.flatMap(leavesOf)
}
