/**
 * The tokenizer of the RWKV "World" models (github.com/BlinkDL/ChatRWKV, `rwkv_tokenizer.py`): from left to
 * right always the longest token that fits, found in a trie of bytes. Id 0 begins and ends texts. Its
 * vocabulary is a file that the model comes with.
 */
import { bytesOfText, decodeBytes, known, openByteDecoder, shownBytes } from './bytes'
import { bytesOfLiteral } from './python-literals'
import { precededBy, type RwkvDefinition, type Tokenizer } from './tokenizer'

const endToken = 0

/** @throws Error naming the line that is no token, or the byte that no token stands for */
export function rwkvTokenizer(definition: RwkvDefinition): Tokenizer {
  const tokens = tokensIn(definition.vocabulary)
  const count = 1 + tokens.reduce((most, { id }) => Math.max(most, id), 0)
  const trie = trieOf(tokens)
  const bytes: Uint8Array[] = Array.from({ length: count }, () => nothing)
  for (const token of tokens) bytes[token.id] = token.bytes
  const bytesOf = (id: number): Uint8Array => known(bytes[id], id)
  const encode = (text: string): Int32Array => longestTokens(bytesOfText(text), trie)
  return {
    name: `RWKV World of ${(tokens.length + 1).toLocaleString('en')} tokens`,
    vocabulary: count,
    beginToken: endToken,
    endToken,
    encode,
    encodeFirst: (text) => precededBy(endToken, encode(text)),
    decode: (ids) => decodeBytes(ids, bytesOf),
    openDecoder: () => openByteDecoder(bytesOf),
    textOf: (id) => (id === endToken ? '⏹' : shownBytes(bytesOf(id))),
    knows: () => true,
    definition,
  }
}

const nothing = new Uint8Array()

interface TrieToken {
  readonly id: number
  readonly bytes: Uint8Array
}

/** Lines of an id, a Python literal and how many bytes it has. */
function tokensIn(vocabulary: string): readonly TrieToken[] {
  const seen = new Set<number>([endToken])
  return vocabulary.split(/\r?\n/).flatMap((line, place) => {
    if (line === '') return []
    const parts = /^(\d+) (.+) (\d+)$/su.exec(line)
    const id = Number(parts?.[1])
    const bytes = bytesOfLiteral(parts?.[2] ?? '')
    if (!bytes || bytes.length === 0 || bytes.length !== Number(parts?.[3]) || id >= 2 ** 21)
      throw new Error(`line ${place + 1} of the vocabulary is no token: ${line.slice(0, 80)}`)
    if (seen.has(id))
      throw new Error(`line ${place + 1} of the vocabulary has the id ${id}, which another token has`)
    seen.add(id)
    return [{ id, bytes }]
  })
}

interface Trie {
  /** The node that a byte leads to from a node. */
  readonly next: ReadonlyMap<number, number>
  /** The token that ends at a node; 0 for none. */
  readonly idAt: readonly number[]
}

const edge = (node: number, byte: number): number => node * 256 + byte

function trieOf(tokens: readonly TrieToken[]): Trie {
  const next = new Map<number, number>()
  const idAt = [0]
  for (const { id, bytes } of tokens) {
    let node = 0
    for (const byte of bytes) {
      const key = edge(node, byte)
      const child = next.get(key) ?? idAt.push(0) - 1
      next.set(key, child)
      node = child
    }
    idAt[node] = id
  }
  for (let byte = 0; byte < 256; byte++)
    if (!idAt[next.get(byte) ?? 0]) throw new Error(`the vocabulary has no token for the byte ${byte}`)
  return { next, idAt }
}

function longestTokens(bytes: Uint8Array, { next, idAt }: Trie): Int32Array {
  const ids = new Int32Array(bytes.length)
  let count = 0
  for (let start = 0; start < bytes.length;) {
    let end = start
    let node: number | undefined = 0
    for (let at = start; at < bytes.length; at++) {
      node = next.get(edge(node, bytes[at]!))
      if (node === undefined) break
      if (idAt[node] === 0) continue
      ids[count] = idAt[node]!
      end = at + 1
    }
    count++
    start = end
  }
  return ids.slice(0, count)
}
