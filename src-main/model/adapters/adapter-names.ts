/** What adapters and their tensors are called among a model's. Nothing here computes with tensors. */
import type { Adapter } from '../model'

/**
 * Names of an adapter's tensors on one projection. `mask` [N, in] is of a batch: 0 where an input is dropped,
 * 1 / (1 − dropout) elsewhere.
 */
export const adapterTensors = (projection: string, adapter: string) => ({
  A: `${projection}.lora_A.${adapter}.weight`,
  B: `${projection}.lora_B.${adapter}.weight`,
  scale: `lora_scale.${adapter}`,
  mask: `${projection}.lora_mask.${adapter}`,
})

/** Whether a tensor is of an adapter, by its name. */
export const isAdapterTensor = (name: string): boolean => /(^|\.)lora_/.test(name)

/** The name, with a number behind it when an adapter of the model has it already. */
export function freeName(name: string, adapters: readonly Adapter[]): string {
  const isTaken = (each: string) => adapters.some((adapter) => adapter.name === each)
  if (!isTaken(name)) return name
  let number = 2
  while (isTaken(`${name}-${number}`)) number++
  return `${name}-${number}`
}
