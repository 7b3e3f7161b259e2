/** A line to a port of this machine that can break, and be mended: all that runs through it breaks at once. */
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

export interface BreakableLine {
  readonly address: string
  /** Nothing gets through until it is mended. */
  cut(): void
  mend(): void
  close(): void
}

export async function breakableLine(port: number): Promise<BreakableLine> {
  const open = new Set<Socket>()
  let isCut = false
  const server = createServer((near) => {
    if (isCut) return void near.destroy()
    const far = connect(port, '127.0.0.1')
    for (const each of [near, far]) {
      open.add(each)
      each.on('error', () => {}).on('close', () => open.delete(each))
    }
    near.pipe(far).on('close', () => near.destroy())
    far.pipe(near).on('close', () => far.destroy())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const breakAll = () => open.forEach((each) => each.destroy())
  return {
    address: `http://127.0.0.1:${(server.address() as { port: number }).port}`,
    cut: () => {
      isCut = true
      breakAll()
    },
    mend: () => (isCut = false),
    close: () => {
      breakAll()
      server.close()
    },
  }
}
