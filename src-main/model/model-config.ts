/** A model's configuration as a file says it: checked, field by field, before anything is believed. */
import { checkRopeScaling } from './layers/rope-scaling'
import type { ModelConfig } from './model'

type FieldKind = 'count' | 'number' | 'flag' | 'object'

const sizes = { layers: 'count', width: 'count', contextTokens: 'count', vocabulary: 'count' } as const

/** What each architecture's configuration has, by name. */
const fields: {
  readonly [A in ModelConfig['architecture']]: Readonly<
    Record<Exclude<keyof Extract<ModelConfig, { architecture: A }>, 'architecture'>, FieldKind>
  >
} = {
  gpt: { ...sizes, heads: 'count', isTied: 'flag' },
  llama: {
    ...sizes,
    heads: 'count',
    keyValueHeads: 'count',
    headWidth: 'count',
    innerWidth: 'count',
    normEpsilon: 'number',
    ropeBase: 'number',
    ropeScaling: 'object',
    isTied: 'flag',
    hasBiases: 'flag',
  },
  palm: {
    ...sizes,
    heads: 'count',
    headWidth: 'count',
    innerWidth: 'count',
    xposBase: 'number',
    hasNormedQueries: 'flag',
    isTied: 'flag',
  },
  rwkv4: { ...sizes, innerWidth: 'count' },
  rwkv7: {
    ...sizes,
    headWidth: 'count',
    innerWidth: 'count',
    decayRank: 'count',
    rateRank: 'count',
    valueRank: 'count',
    gateRank: 'count',
  },
}

const isProper: Readonly<Record<FieldKind, (value: unknown) => boolean>> = {
  count: (value) => Number.isSafeInteger(value) && (value as number) >= 1,
  number: (value) => Number.isFinite(value) && (value as number) > 0,
  flag: (value) => typeof value === 'boolean',
  object: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
}

/** Before a matrix of its own was possible every GPT was tied, and its file did not say so. */
const assumed: Readonly<Record<string, object>> = { gpt: { isTied: true } }

/**
 * @throws Error in words: an unknown architecture, a field that is missing or wrong, sizes that do not fit
 *   together
 */
export function parseConfig(found: Readonly<Record<string, unknown>>): ModelConfig {
  const { architecture } = found
  if (typeof architecture !== 'string' || !Object.hasOwn(fields, architecture))
    throw new Error(`its architecture is "${String(architecture)}", which this version does not know`)
  const values: Record<string, unknown> = { ...assumed[architecture], ...found }
  const kinds = Object.entries(fields[architecture as ModelConfig['architecture']])
  for (const [name, kind] of kinds)
    if (!isProper[kind](values[name])) throw new Error(`its configuration has no proper "${name}"`)
  const config = {
    architecture,
    ...Object.fromEntries(kinds.map(([name]) => [name, values[name]])),
  } as unknown as ModelConfig
  checkConfig(config)
  return config
}

/** @throws Error in words when the sizes do not fit together */
export function checkConfig(config: ModelConfig): void {
  for (const [name, kind] of Object.entries(fields[config.architecture])) {
    const value = (config as unknown as Record<string, unknown>)[name]
    if (kind === 'count' && !isProper.count(value))
      throw new Error(`${name} must be a whole number from 1, not ${String(value)}`)
  }
  switch (config.architecture) {
    case 'gpt':
      if (config.width % config.heads !== 0)
        throw new Error(`${config.heads} heads do not divide a width of ${config.width}`)
      return
    case 'llama':
      if (config.heads % config.keyValueHeads !== 0)
        throw new Error(
          `${config.keyValueHeads} heads of keys and values do not divide ${config.heads} heads`,
        )
      if (config.headWidth % 2 !== 0)
        throw new Error(`a head as wide as ${config.headWidth} cannot be rotated: the width must be even`)
      checkRopeScaling(config.ropeScaling)
      return
    case 'palm':
      if (config.headWidth % 2 !== 0)
        throw new Error(`a head as wide as ${config.headWidth} cannot be rotated: the width must be even`)
      return
    case 'rwkv4':
      return
    case 'rwkv7':
      if (config.width % config.headWidth !== 0)
        throw new Error(`heads as wide as ${config.headWidth} do not divide a width of ${config.width}`)
  }
}
