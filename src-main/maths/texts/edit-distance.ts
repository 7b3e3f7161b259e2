/** Edits of words, and how two rows of words lie beside one another: what TER counts. */

/** What an edit does: keeps a word, puts another in its place, takes one out, puts one in. */
const edits = ['keep', 'replace', 'remove', 'add'] as const
export type Edit = (typeof edits)[number]
const [keep, replace, remove, add] = [0, 1, 2, 3] as const

/** Around the diagonal, in words of the reference: farther away nothing is looked for, as in Tercom. */
const beam = 25

/**
 * Fewest edits that make the words the reference (Levenshtein 1966), and which: of as few, keeping and replacing before
 * removing before adding.
 */
export function editsBetween(
  words: readonly string[],
  reference: readonly string[],
): { readonly edits: number; readonly trace: readonly Edit[] } {
  const width = reference.length + 1
  const costs = new Float64Array((words.length + 1) * width).fill(Infinity)
  const steps = new Uint8Array(costs.length)
  for (let j = 0; j < width; j++) {
    costs[j] = j
    steps[j] = add
  }
  const ratio = words.length > 0 ? reference.length / words.length : 1
  const reach = beam < ratio / 2 ? Math.ceil(ratio / 2 + beam) : beam
  for (let i = 1; i <= words.length; i++) {
    const middle = Math.floor(i * ratio)
    const end = i === words.length ? width : Math.min(width, middle + reach)
    for (let j = Math.max(0, middle - reach); j < end; j++) {
      const at = i * width + j
      const isSame = words[i - 1] === reference[j - 1]
      const offer = (cost: number, step: number): void => {
        if (cost >= (costs[at] as number)) return
        costs[at] = cost
        steps[at] = step
      }
      if (j > 0) offer((costs[at - width - 1] as number) + (isSame ? 0 : 1), isSame ? keep : replace)
      offer((costs[at - width] as number) + 1, remove)
      if (j > 0) offer((costs[at - 1] as number) + 1, add)
    }
  }
  return { edits: costs.at(-1) as number, trace: traceOf(steps, width) }
}

/** From the last cell back to the first. */
function traceOf(steps: Uint8Array, width: number): readonly Edit[] {
  const trace: Edit[] = []
  for (let at = steps.length - 1; at > 0;) {
    const edit = edits[steps[at] as number] as Edit
    trace.push(edit)
    at -= (edit === 'add' ? 0 : width) + (edit === 'remove' ? 0 : 1)
  }
  return trace.reverse()
}

export interface Alignment {
  /** Of each word of the reference: the index of the text's word that stands there, or stood last. */
  readonly placeOf: readonly number[]
  readonly wrongInReference: readonly boolean[]
  readonly wrongInText: readonly boolean[]
}

export function alignedBy(trace: readonly Edit[]): Alignment {
  const placeOf: number[] = []
  const wrongInReference: boolean[] = []
  const wrongInText: boolean[] = []
  for (const edit of trace) {
    if (edit !== 'add') wrongInText.push(edit !== 'keep')
    if (edit === 'remove') continue
    placeOf.push(wrongInText.length - 1)
    wrongInReference.push(edit !== 'keep')
  }
  return { placeOf, wrongInReference, wrongInText }
}
