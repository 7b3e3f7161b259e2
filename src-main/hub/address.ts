/**
 * What a person types of a repository: `hf:OWNER/NAME`, of a dataset with /CONFIG and @SPLIT, of a model with
 * @REVISION and :FILE; or its page's address.
 */
import { StudioFailure } from '../../src-shared/result'

export interface DatasetAddress {
  readonly name: string
  readonly config?: string
  readonly split?: string
}

export interface ModelAddress {
  readonly name: string
  readonly revision?: string
  /** One file that is the whole model. */
  readonly file?: string
}

const part = '[A-Za-z0-9][A-Za-z0-9._-]*'
const named = new RegExp(`^${part}(?:/${part})?$`)

/** @throws StudioFailure invalid-input */
export function datasetAddress(typed: string): DatasetAddress {
  const [place = '', ...splits] = plain(typed, 'datasets').split('@')
  const [owner = '', own = '', ...configs] = place.split('/')
  const name = own === '' ? owner : `${owner}/${own}`
  const [config, split] = [configs.join('/'), splits.join('@')]
  if (!named.test(name)) throw wrong(typed, 'hf:OWNER/NAME, with /CONFIG and @SPLIT where it has several')
  return { name, ...(config !== '' && { config }), ...(split !== '' && { split }) }
}

/** @throws StudioFailure invalid-input */
export function modelAddress(typed: string): ModelAddress {
  const [place = '', ...files] = plain(typed, 'models').split(':')
  const [name = '', ...revisions] = place.split('@')
  const [revision, file] = [revisions.join('@'), files.join(':')]
  if (!named.test(name)) throw wrong(typed, 'hf:OWNER/NAME, with @REVISION and :FILE.gguf where one is meant')
  return { name, ...(revision !== '' && { revision }), ...(file !== '' && { file }) }
}

/** Without what only says that it lies on the hub. */
function plain(typed: string, kind: 'datasets' | 'models'): string {
  const place = typed
    .trim()
    .replace(/^https?:\/\/[^/]+\//, '')
    .replace(/^hf:(?:\/\/)?/, '')
    .replace(new RegExp(`^${kind}/`), '')
  return place.replace(/\/(?:tree|blob|resolve)\/main(?:\/.*)?$/, '').replace(/\/$/, '')
}

const wrong = (typed: string, like: string): StudioFailure =>
  new StudioFailure({
    kind: 'invalid-input',
    field: 'address',
    problem: `must be like ${like}, not “${typed.slice(0, 80)}”`,
  })
