/** How likely a token was, as one of six steps and in words. */
import { formatValue } from '../../src-shared/figures'
import type { ToldChance, ToldToken } from '../../src-shared/records/sample'

/** Probabilities below which the next step begins: the unlikelier, the hotter. */
export const heatEdges = [0.9, 0.5, 0.2, 0.05, 0.005] as const

/** 0, hardly a choice, … 5, hardly to be expected. */
export const heatStep = (logProb: number): number =>
  heatEdges.filter((edge) => !(Math.exp(logProb) >= edge)).length

/** "41 %", "0.3 %", "under 0.01 %" */
export function chanceText(logProb: number): string {
  const percent = 100 * Math.exp(logProb)
  if (percent < 0.01) return 'under 0.01 %'
  return `${percent >= 10 ? Math.round(percent) : Number(percent.toPrecision(2))} %`
}

/** White space that can be seen. */
export const tokenText = (text: string): string =>
  text === '' ? 'nothing' : `“${text.replaceAll('\n', '⏎').replaceAll('\t', '⇥')}”`

const saidOf = ({ text, logProb }: ToldChance): string => `${tokenText(text)} ${chanceText(logProb)}`

/** "“ cold”: log-probability −2.31 nats, 10 %. Likeliest here: “ warm” 41 %, …" */
export function tokenReading({ text, logProb, top }: ToldToken): string {
  const said = `${tokenText(text)}: log-probability ${formatValue(logProb)} nats, ${chanceText(logProb)}.`
  return top.length === 0 ? said : `${said} Likeliest here: ${top.map(saidOf).join(', ')}.`
}
