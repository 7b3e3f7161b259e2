/** How each way to judge is shown: one component a mode and one row here. All take and say the same. */
import type { Component } from 'vue'
import type { LabelModeName } from '../../../src-shared/records/labelling'
import EditBench from './EditBench.vue'
import PairBench from './PairBench.vue'
import RankBench from './RankBench.vue'
import RateBench from './RateBench.vue'
import TurnsBench from './TurnsBench.vue'

export const modeBenches: Readonly<Record<LabelModeName, Component>> = {
  pair: PairBench,
  ranking: RankBench,
  rating: RateBench,
  'yes-no': RateBench,
  edit: EditBench,
  turns: TurnsBench,
}
