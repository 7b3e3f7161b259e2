/** Linear equations whose matrix is known by its products with vectors alone. */

export const dot = (a: Float32Array, b: Float32Array): number => {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number)
  return sum
}

/** y ← y + scale · x */
function add(y: Float32Array, x: Float32Array, scale: number): void {
  for (let i = 0; i < y.length; i++) y[i] = (y[i] as number) + scale * (x[i] as number)
}

/**
 * x with A·x ≈ b. Hestenes & Stiefel 1952, §3, as in TRPO's own code (openai/baselines, common/cg.py).
 *
 * @param product v → A·v, A symmetric and positive
 * @param steps   products at most
 */
export async function conjugateGradient(
  product: (v: Float32Array) => Promise<Float32Array>,
  b: Float32Array,
  steps: number,
): Promise<Float32Array> {
  const x = new Float32Array(b.length)
  const rest = b.slice()
  const direction = b.slice()
  let left = dot(rest, rest)
  const enough = 1e-10 * left
  for (let step = 0; step < steps && left > enough; step++) {
    const image = await product(direction)
    const curvature = dot(direction, image)
    if (!(curvature > 0)) break // flat there, or rounding
    const stride = left / curvature
    add(x, direction, stride)
    add(rest, image, -stride)
    const now = dot(rest, rest)
    const turn = now / left
    for (let i = 0; i < direction.length; i++)
      direction[i] = (rest[i] as number) + turn * (direction[i] as number)
    left = now
  }
  return x
}
