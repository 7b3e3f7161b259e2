/** Lines that a person types, one asked for at a time; what is typed ahead is kept. */
import { createInterface } from 'node:readline'
import type { AskLine } from './surroundings'

type Input = NodeJS.ReadableStream & { unref?(): unknown }

export function lineAsker(input: Input, say: (text: string) => void): AskLine {
  const lines: string[] = []
  let isOver = false
  let onNews = (): void => {}
  let isOpen = false

  function open(): void {
    if (isOpen) return
    isOpen = true
    const reader = createInterface({ input })
    reader.on('line', (line) => {
      lines.push(line)
      onNews()
    })
    reader.on('close', () => {
      isOver = true
      onNews()
    })
    input.unref?.() // what waits for a line is no reason to stay
  }

  return async (question, signal) => {
    open()
    say(question)
    while (lines.length === 0 && !isOver && !signal.aborted)
      await new Promise<void>((resolve) => {
        onNews = resolve
        signal.addEventListener('abort', () => resolve(), { once: true })
      })
    return signal.aborted ? undefined : lines.shift()
  }
}
