/** A reward that cannot say what a completion is worth: a fault of the reward, not of the studio. A sentence for people. */
export class RewardFailure extends Error {
  override readonly name = 'RewardFailure'
}
