/** A reward that cannot say what a completion is worth: its own fault, not the studio's. In words for people. */
export class RewardFailure extends Error {
  override readonly name = 'RewardFailure'
}
