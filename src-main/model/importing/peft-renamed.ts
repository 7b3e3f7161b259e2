/**
 * Modules that Hugging Face's library has since given another name, in adapters: its own weights are renamed while
 * they are loaded, PEFT's are not. Adapters are written by both names and read by either.
 */
import { isObject, type JsonObject } from '../weights/json-file'
import { unwrapped } from '../weights/wrapped-names'

/** By our name, the later one. */
export type Renamed = Readonly<Record<string, string>>

export const bothNames = (projection: string, renamed: Renamed = {}): readonly string[] =>
  Object.hasOwn(renamed, projection) ? [projection, renamed[projection]!] : [projection]

/** Settings whose lists of modules, and numbers by module, go by our names. */
export function settingsByOurNames(json: JsonObject, renamed: Renamed = {}): JsonObject {
  const ours = oursIn(renamed)
  const named = (value: unknown): unknown => {
    if (Array.isArray(value))
      return value.map((each: unknown) => (typeof each === 'string' ? ours(each) : each))
    return isObject(value)
      ? Object.fromEntries(Object.entries(value).map(([name, of]) => [ours(name), of]))
      : value
  }
  return Object.fromEntries(Object.entries(json).map(([field, value]) => [field, named(value)]))
}

/**
 * Tensors of an adapter's file, by our names; also where a state of training was saved as it stood, with what stands
 * around the model in names, and the adapter's own name.
 */
export function tensorsByOurNames<T>(
  stored: ReadonlyMap<string, T>,
  renamed: Renamed = {},
): ReadonlyMap<string, T> {
  const ours = oursIn(renamed)
  const nameOf = (name: string): string =>
    unwrapped(name)
      .replace(/^module\.(?=base_model\.)/, '')
      .replace(/(\.lora_[AB])\.\w+(?=\.weight$)|(\.lora_embedding_[AB])\.\w+$/, '$1$2')
      .replace(/(?<=^base_model\.model\.)\w+(?=\.)/, ours)
  const bare = new Map([...stored].map(([name, tensor]) => [nameOf(name), tensor]))
  const twice = Object.keys(renamed).length > 0
  // of two adapters in one file neither is guessed at
  return bare.size === stored.size || twice ? bare : stored
}

function oursIn(renamed: Renamed): (name: string) => string {
  const ours = new Map(Object.entries(renamed).map(([own, since]) => [since, own]))
  return (name) => ours.get(name) ?? name
}
