/** Noise on embeddings, so that what is fine-tuned is not learned by heart. */
import type { Random } from './random'

/**
 * Uniform noise for the embeddings of rows of text: α/√(L·d) · U(−1, 1), L the tokens of a row, d the width. A row's
 * noise is its own, whatever it is computed with and however long it is padded.
 *
 * Source: Jain et al. 2023, "NEFTune: Noisy Embeddings Improve Instruction Finetuning", Algorithm 1.
 *
 * @param lengths L of each row, in tokens @param time positions of a row @param width d @param alpha α
 * @param draws   randomness of each row
 * @returns [rows, time, width], 0 behind a row's end
 */
export function embeddingNoise(
  lengths: readonly number[],
  { rows, time, width }: { readonly rows: number; readonly time: number; readonly width: number },
  alpha: number,
  draws: (row: number) => Random,
): Float32Array {
  const noise = new Float32Array(rows * time * width)
  lengths.forEach((length, row) => {
    const random = draws(row)
    const bound = alpha / Math.sqrt(length * width)
    const start = row * time * width
    for (let i = 0; i < Math.min(length, time) * width; i++) noise[start + i] = bound * (2 * random() - 1)
  })
  return noise
}
