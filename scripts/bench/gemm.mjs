/** What the cores do in a product of 1024 × 1024 matrices: by OpenBLAS, by PyTorch, by our engine. */
import { median, race, startPeer } from './race.mjs'
import { pythonPeer } from './peers/python-peers.mjs'
import { program } from './work/works.mjs'

const FLOPS = 2 * 1024 ** 3

export async function bench() {
  const found = [
    {
      what: 'matrix product, OpenBLAS',
      ...(await pythonPeer('numpy', ['gemm.py', 'numpy'], { blasThreads: 2 })),
    },
    { what: 'matrix product, PyTorch', ...(await pythonPeer('torch', ['gemm.py', 'torch'])) },
    { what: 'matrix product, our engine', peer: await startPeer(program('gemm-peer')) },
  ]
  const peers = found.flatMap(({ peer }) => (peer ? [{ ...peer, repetitions: 6 }] : []))
  try {
    const ms = (await race(peers, 5)).map(median)
    return found.map(({ what, peer, whyNot }) =>
      peer
        ? {
            what,
            value: FLOPS / ms[peers.findIndex(({ name }) => name === peer.name)] / 1e6,
            unit: 'GFLOP/s',
            detail: peer.name,
          }
        : { what, skipped: whyNot },
    )
  } finally {
    for (const peer of peers) peer.stop()
  }
}
