/**
 * Names of tensors as they are saved from models that something stands around: a compiler, distributed training,
 * PEFT, a head of TRL's. None of it is a part of the network.
 */
import type { StoredTensor } from './stored-tensor'

/** Parts of names, wherever they stand. Source: PyTorch's compiler, FSDP and checkpointing; DeepSpeed. */
const around: ReadonlySet<string> = new Set([
  '_orig_mod',
  '_fsdp_wrapped_module',
  '_checkpoint_wrapped_module',
  '_forward_module',
])

/** A name without them. */
export const unwrapped = (name: string): string =>
  name
    .split('.')
    .filter((part) => !around.has(part))
    .join('.')

/** What stands before every name, one of them or one after the other. */
const before = /^(module|base_model\.model|pretrained_model)\./

/** The same tensors by the names that they have in the network alone. */
export function withoutWrappers(
  tensors: ReadonlyMap<string, StoredTensor>,
): ReadonlyMap<string, StoredTensor> {
  const bare = renamed(tensors, unwrapped)
  const [first = ''] = bare.keys()
  const [wrapper] = before.exec(first) ?? []
  return wrapper !== undefined && [...bare.keys()].every((name) => name.startsWith(wrapper))
    ? withoutWrappers(renamed(bare, (name) => name.slice(wrapper.length)))
    : bare
}

/** As they were, where two would have one name. */
function renamed(
  tensors: ReadonlyMap<string, StoredTensor>,
  nameOf: (name: string) => string,
): ReadonlyMap<string, StoredTensor> {
  const found = new Map(
    [...tensors].map(([name, tensor]) => [nameOf(name), { ...tensor, name: nameOf(name) }]),
  )
  return found.size === tensors.size ? found : tensors
}
