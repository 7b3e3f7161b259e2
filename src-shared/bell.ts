/** Lets one reader sleep until there is something for it. */

export interface Bell {
  ring(): void
  /** Resolves with the next ring, or at once after one that nobody has heard. */
  heard(): Promise<void>
}

export function bell(): Bell {
  let isRung = false
  let wake = () => {}
  return {
    ring: () => {
      isRung = true
      wake()
    },
    heard: async () => {
      if (!isRung)
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      isRung = false
    },
  }
}
