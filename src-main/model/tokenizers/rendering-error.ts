/** Turns that a model's template cannot be given, in words. */
export class RenderingError extends Error {
  override readonly name = 'RenderingError'
}
