/** When a trained policy is over-optimised, and how one sees it. */
import type { Stage } from './report'

/** From here on texts repeat each other visibly. */
const leastDistinct = 0.7
/** Longer or shorter than this share of the fine-tuned model's texts is another kind of text. */
const lengthRange = 0.25
/** Nats a text: beyond it little of the fine-tuned model is left. */
const mostKl = 8
export function warningsOf(stage: Stage, sft: Stage): readonly string[] {
  const percent = (share: number): string => `${Math.round(100 * share)} %`
  return [
    ...(stage.distinct2 < leastDistinct
      ? [
          `It repeats itself: only ${percent(stage.distinct2)} of its word pairs are different, ` +
            `${percent(sft.distinct2)} before.`,
        ]
      : []),
    ...(Math.abs(stage.meanLength / sft.meanLength - 1) > lengthRange
      ? [
          `Its texts have ${stage.meanLength.toFixed(0)} characters, ${sft.meanLength.toFixed(0)} ` +
            'before: length was learned, not only tone.',
        ]
      : []),
    ...(stage.ci95.endedShare.high < sft.endedShare
      ? [`Fewer texts end by themselves: ${percent(stage.endedShare)}, ${percent(sft.endedShare)} before.`]
      : []),
    ...(stage.klToSft > mostKl
      ? [
          `It is ${stage.klToSft.toFixed(1)} nats a text from the fine-tuned model: little of that model ` +
            'is left.',
        ]
      : []),
    ...(stage.judgeShare < stage.positiveShare - 0.1
      ? [
          `The held-out judge likes ${percent(stage.judgeShare)} of what the reward calls positive in ` +
            `${percent(stage.positiveShare)}: the reward is being gamed.`,
        ]
      : []),
  ]
}
