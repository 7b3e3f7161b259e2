/**
 * One training step of two models, against PyTorch, torch.compile, JAX and TensorFlow, against eager
 * TensorFlow.js, and against what the same cores do in one large matrix product.
 */
import { median, race, startPeer } from './race.mjs'
import { pythonPeer } from './peers/python-peers.mjs'
import { program, workTitles, written } from './work/works.mjs'

const SAME_LOSS = 1e-3 // nats: peers whose first losses differ more do not do the same work
const PRODUCT_FLOPS = 2 * 1024 ** 3
const rounds = { small: { rounds: 6, repetitions: 8 }, gpt2: { rounds: 4, repetitions: 3 } }

export async function bench({ scratch, say }) {
  return [...(await trained('small', scratch, say)), ...(await trained('gpt2', scratch, say))]
}

async function trained(name, scratch, say) {
  const { folder, work } = written(scratch, name)
  const { rounds: count, repetitions } = rounds[name]
  const ours = await startPeer(program('step-peer', name))
  const products = await startPeer(program('products-peer', name))
  const found = {
    blas: await pythonPeer('numpy', ['gemm.py', 'numpy'], { blasThreads: 2 }),
    torch: await pythonPeer('torch', ['step.py', folder, 'eager']),
    compiled: await pythonPeer('torch', ['step.py', folder, 'compiled']),
    jax: await pythonPeer('jax', ['jax_step.py', folder]),
    tensorflow: await tensorflowPeer(name),
  }
  if (name === 'small') say('  eager TensorFlow.js takes some seconds a step …')
  const eager =
    name === 'small'
      ? { ...(await startPeer(program('step-eager-peer'))), repetitions: 1, rounds: 2 }
      : undefined
  const peers = [
    { ...ours, repetitions },
    { ...products, repetitions },
    ...Object.values(found).flatMap(({ peer }) => (peer ? [{ ...peer, repetitions }] : [])),
    ...(eager ? [eager] : []),
  ]
  try {
    for (const { name, check } of peers)
      if (typeof check === 'number' && Math.abs(check - ours.check) > SAME_LOSS)
        throw new Error(`${name} computes another loss: ${check} instead of ${ours.check}`)
    const measured = await race(peers, count)
    const msOf = (peer) => median(measured[peers.findIndex((each) => each.name === peer.name)])
    return rows(
      `${workTitles[name]}, ${work.rows} × ${work.tokens} tokens`,
      work,
      { ours, products, eager, ...found },
      msOf,
    )
  } finally {
    for (const peer of peers) peer.stop()
  }
}

/** The studio's own device of that name: the same program, not compiled. */
async function tensorflowPeer(name) {
  try {
    return { peer: await startPeer(program('step-tensorflow-peer', name)) }
  } catch (error) {
    return { whyNot: /TensorFlow .+/.exec(error.message)?.[0] ?? error.message }
  }
}

function rows(title, { stepFlops }, { ours, products, eager, blas, torch, compiled, jax, tensorflow }, msOf) {
  const ms = msOf(ours)
  const productsText = torch.peer
    ? `a step of nothing else would be ${(msOf(torch.peer) / msOf(products)).toFixed(2)} times as fast as PyTorch`
    : 'the least that a step can take'
  const leastOfTorch = torch.isCurrent ? 1.5 : 1.3
  return [
    { what: `training step, ${title}`, value: ms, unit: 'ms', detail: ours.name },
    {
      what: `its matrix products alone, ${title}`,
      value: msOf(products),
      unit: 'ms',
      detail: `${products.name}: ${productsText}`,
    },
    against(`times as fast as PyTorch, ${title}`, torch, leastOfTorch, ms, msOf),
    against(`times as fast as torch.compile, ${title}`, compiled, undefined, ms, msOf),
    against(`times as fast as JAX, ${title}`, jax, undefined, ms, msOf),
    against(
      `times as fast as TensorFlow's kernels run one by one, ${title}`,
      tensorflow,
      undefined,
      ms,
      msOf,
    ),
    ...(eager
      ? [against(`times as fast as eager TensorFlow.js, ${title}`, { peer: eager }, 20, ms, msOf)]
      : []),
    share(`share of OpenBLAS's matrix product, ${title}`, blas, stepFlops, ms, msOf),
  ]
}

function against(what, { peer, whyNot }, least, ms, msOf) {
  if (!peer) return { what, skipped: whyNot }
  const theirs = msOf(peer)
  const value = theirs / ms
  return {
    what,
    value,
    unit: '×',
    ...(least === undefined ? {} : { aim: `≥ ${least}`, isMet: value >= least }),
    detail: `${peer.name}: ${theirs.toFixed(1)} ms`,
  }
}

/** How much of the rate of one large product the whole step reaches, counting its matrix products alone. */
function share(what, { peer, whyNot }, stepFlops, ms, msOf) {
  if (!peer) return { what, skipped: whyNot }
  const theirs = PRODUCT_FLOPS / msOf(peer) / 1e6
  const value = (100 * stepFlops) / ms / 1e6 / theirs
  return {
    what,
    value,
    unit: '%',
    aim: '≥ 70',
    isMet: value >= 70,
    detail: `${peer.name}: ${Math.round(theirs)} GFLOP/s in a product of 1024³`,
  }
}
