/** How PEFT's files hold an adapter's matrices. Source: peft, src/peft/utils/save_and_load.py. */
import type { Layout } from '../weights/layout'

export const adapterConfigFile = 'adapter_config.json'
export const adapterTensorsFile = 'adapter_model.safetensors'

/** PEFT's matrices are linear layers of PyTorch's: [out, in]. */
export const peftLayout = (projection: string, part: 'lora_A' | 'lora_B'): Layout => ({
  name: `base_model.model.${projection}.${part}.weight`,
  isTransposed: true,
})
