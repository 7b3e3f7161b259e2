/**
 * Loaded models that somebody still uses: whoever asks for the same file again, as it is now, gets the same
 * memory. For models that nobody trains in place; a policy, its reward model and its reference stand on one
 * trunk by it.
 */
import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Parameters } from '../compute/parameters'
import { loadModel, type HeldAs, type LoadedModel } from './checkpoint'

export type LoadModel = (path: string) => Promise<LoadedModel>

interface Shelved {
  /** Of the file: another one under its name is another model. */
  readonly state: string
  readonly parameters: WeakRef<Parameters>
  readonly loaded: Omit<LoadedModel, 'model'> & { readonly model: Omit<LoadedModel['model'], 'parameters'> }
}

/** @param heldAs of what is read from files */
export function modelShelf(heldAs?: HeldAs): LoadModel {
  const shelf = new Map<string, Shelved>()
  const waiting = new Map<string, Promise<LoadedModel>>()

  async function fresh(path: string, state: string): Promise<LoadedModel> {
    const loaded = await loadModel(path, load, heldAs)
    const { parameters, ...model } = loaded.model
    shelf.set(path, { state, parameters: new WeakRef(parameters), loaded: { ...loaded, model } })
    return loaded
  }

  async function load(asked: string): Promise<LoadedModel> {
    const path = resolve(asked)
    const state = await stat(path).then(
      ({ mtimeMs, size }) => `${mtimeMs} ${size}`,
      () => 'gone',
    )
    const known = shelf.get(path)
    const parameters = known?.state === state ? known.parameters.deref() : undefined
    if (known && parameters)
      return { ...known.loaded, model: { ...known.loaded.model, parameters } as LoadedModel['model'] }
    const underWay = waiting.get(path) ?? fresh(path, state)
    waiting.set(path, underWay)
    try {
      return await underWay
    } finally {
      waiting.delete(path)
    }
  }

  return load
}
