/**
 * The row of a configuration's architecture, and a configuration as a file says it: checked, field by field,
 * before anything is believed.
 */
import type { Architecture, FieldKind } from './architectures/architecture'
import { architectures } from './architectures/architectures'
import type { ModelConfig } from './model'

export type ArchitectureName = ModelConfig['architecture']

export const isArchitecture = (name: unknown): name is ArchitectureName =>
  typeof name === 'string' && Object.hasOwn(architectures, name)

/** What its architecture is to the rest of the studio. */
export const architectureOf = ({
  architecture,
}: Pick<ModelConfig, 'architecture'>): Architecture<ModelConfig> => architectures[architecture]

const isProper: Readonly<Record<FieldKind, (value: unknown) => boolean>> = {
  count: (value) => Number.isSafeInteger(value) && Number(value) >= 1,
  number: (value) => Number.isFinite(value) && Number(value) > 0,
  flag: (value) => typeof value === 'boolean',
  text: (value) => typeof value === 'string',
  object: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
}

/**
 * @throws Error in words: an unknown architecture, a field that is missing or wrong, sizes that do not fit
 *   together
 */
export function parseConfig(found: Readonly<Record<string, unknown>>): ModelConfig {
  const { architecture } = found
  if (!isArchitecture(architecture))
    throw new Error(`its architecture is "${String(architecture)}", which this version does not know`)
  const { fields, assumed } = architectureOf({ architecture })
  const values: Readonly<Record<string, unknown>> = { ...assumed, ...found }
  const own = Object.keys(fields).map((name) => [name, values[name]] as const)
  const config = { architecture, ...Object.fromEntries(own) }
  assertFields(config)
  checkConfig(config)
  return config
}

function assertFields(config: Pick<ModelConfig, 'architecture'>): asserts config is ModelConfig {
  for (const [name, kind] of Object.entries(architectureOf(config).fields))
    if (!isProper[kind](Reflect.get(config, name)))
      throw new Error(`its configuration has no proper "${name}"`)
}

/** @throws Error in words when the sizes do not fit together */
export function checkConfig(config: ModelConfig): void {
  const { fields, check } = architectureOf(config)
  for (const [name, kind] of Object.entries(fields)) {
    const value: unknown = Reflect.get(config, name)
    if (kind === 'count' && !isProper.count(value))
      throw new Error(`${name} must be a whole number from 1, not ${String(value)}`)
  }
  check(config)
}
