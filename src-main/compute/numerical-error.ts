/**
 * Numbers that are no numbers any more. The update they belong to was not applied: the parameters are those
 * of the update before.
 */
export class NumericalError extends Error {
  override readonly name = 'NumericalError'
}
