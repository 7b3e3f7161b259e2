/** The two sides of a comparison: which checkpoint writes on each, how far it is, and who may know which is which. */
import { computed, markRaw, reactive, ref, watch } from 'vue'
import { useChosenBlindness, useChosenSides } from './choices'
import { sideNames, type SideName } from './side-names'
import type { BestOf, GeneratedPiece, ToldToken } from '../../../src-shared/records/sample'

export interface Side {
  checkpointId: string | undefined
  text: string
  tokens: number
  state: 'empty' | 'waiting' | 'writing' | 'ended' | 'cut' | 'stopped'
  tokensASecond: number | undefined
  sampleId: string | undefined
  /** Of one that was picked of several. */
  best: BestOf | undefined
  /** Each token of the text, where they are told; none of what was picked of several. */
  told: readonly ToldToken[]
}

export type Sides = ReturnType<typeof useSides>

export function useSides() {
  const sides = useKeptSides()
  const blind = useBlind()
  /** The sides as they stand on the screen: with blind sides the second one may stand left. */
  const shown = computed<Record<SideName, Side>>(() =>
    blind.isSwapped.value ? { left: sides.right, right: sides.left } : sides,
  )
  const canCompare = computed(() => sides.left.sampleId !== undefined && sides.right.sampleId !== undefined)

  function put(name: SideName, checkpointId: string | undefined): void {
    sides[name] = { ...emptySide(), checkpointId }
  }

  /** Empties both sides before they are written anew. */
  function begin(): void {
    blind.draw()
    for (const name of sideNames) {
      put(name, sides[name].checkpointId)
      if (sides[name].checkpointId !== undefined) sides[name].state = 'waiting'
    }
  }

  function take({ side: name, text, tokens, told, end }: GeneratedPiece): void {
    const side = sides[name]
    side.text += text
    side.tokens = tokens
    if (told) side.told = markRaw([...side.told, ...told])
    side.state = 'writing'
    if (end) endSide(side, end)
  }

  /** What was still to come does not come. */
  function breakOff(): void {
    for (const side of [sides.left, sides.right])
      if (side.state === 'waiting' || side.state === 'writing') side.state = 'stopped'
  }

  function exchange(): void {
    const { left, right } = sides
    if (left.checkpointId === undefined || right.checkpointId === undefined) return
    sides.left = right
    sides.right = left
  }

  return { sides, blind, shown, canCompare, put, begin, take, breakOff, exchange }
}

/** Two sides without a text, of the checkpoints that were chosen last. */
function useKeptSides(): Record<SideName, Side> {
  const chosen = useChosenSides()
  const sides = reactive<Record<SideName, Side>>({
    left: { ...emptySide(), checkpointId: chosen.value.left },
    right: { ...emptySide(), checkpointId: chosen.value.right },
  })
  watch([() => sides.left.checkpointId, () => sides.right.checkpointId], ([left, right]) => {
    chosen.value = { ...(left !== undefined && { left }), ...(right !== undefined && { right }) }
  })
  return sides
}

function endSide(side: Side, end: NonNullable<GeneratedPiece['end']>): void {
  side.state = end.hasEnded ? 'ended' : 'cut'
  side.tokensASecond = end.tokensASecond
  side.sampleId = end.sampleId
  side.best = end.best
}

/** Names stay hidden and sides are drawn at random until they are revealed. */
function useBlind() {
  const isBlind = useChosenBlindness()
  const isRevealed = ref(false)
  const isSwapped = ref(false)
  const areNamesHidden = computed(() => isBlind.value && !isRevealed.value)

  function draw(): void {
    isRevealed.value = false
    isSwapped.value = isBlind.value && isHeads()
  }
  function reveal(): void {
    isRevealed.value = true
  }
  return { isBlind, isRevealed, isSwapped, areNamesHidden, draw, reveal }
}

const emptySide = (): Side => ({
  checkpointId: undefined,
  text: '',
  tokens: 0,
  state: 'empty',
  tokensASecond: undefined,
  sampleId: undefined,
  best: undefined,
  told: [],
})

const isHeads = (): boolean => ((crypto.getRandomValues(new Uint8Array(1))[0] ?? 0) & 1) === 1
