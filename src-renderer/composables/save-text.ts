/** A text becomes a file that the window saves where the person says. */

/** @param name a proposal; what no file can be called is left out */
export function saveText(text: string, name: string, type = 'application/jsonl'): void {
  const address = URL.createObjectURL(new Blob([text], { type }))
  const link = document.createElement('a')
  link.href = address
  link.download = name.replace(/[\\/:*?"<>|]+/g, ' ').trim()
  link.click()
  URL.revokeObjectURL(address)
}
