/** A GGUF file, as llama.cpp and what is built on it load it, and a model card beside it. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { merged } from '../adapters/adapters'
import { writtenCard, type Terms } from '../importing/model-card'
import type { LanguageModel, ModelConfig } from '../model'
import { architectureOf } from '../model-config'
import type { GgufFields, GgufTensor } from '../weights/gguf-writing'
import { ggufPieces } from '../weights/gguf-writing'
import { folderName } from '../weights/new-folder'
import { writeWhole } from '../weights/whole-file'
import { writtenNumbers, type WrittenType } from '../weights/written-numbers'
import { writtenShape, type WrittenTensor } from '../weights/written-tensors'
import { refuseArchitecture, type WrittenFormat } from './format'
import type { GgufNetwork } from './gguf-network'
import { ggufTokenizer } from './gguf-tokenizer'
import { refuseFormat } from './refuse-format'

export const ggufExport: WrittenFormat = {
  writing(model, terms, numbers) {
    const { kind, config } = model
    const network = architectureOf(config).ggufNetwork
    if (!network) return refuseArchitecture(config, 'ggufNetwork')
    if (kind === 'reward-model')
      return refuseFormat('holds language models only; a reward model goes to Hugging Face’s format.')
    const whole = { ...(model.adapters?.length ? merged(model) : model), kind }
    const { architecture, fields } = network.described(config)
    const under = Object.entries(fields).map(([name, value]) => [`${architecture}.${name}`, value] as const)
    const metadata: GgufFields = {
      ...generalFields(architecture, terms, numbers),
      ...Object.fromEntries(under),
      ...ggufTokenizer(model.tokenizer, config.vocabulary),
    }
    return async (folder) => {
      const file = join(folder, `${folderName(terms.name)}-${numbers}.gguf`)
      await writeWhole(file, ggufPieces(metadata, tensorsOf(whole, network, numbers)))
      await writeFile(join(folder, 'README.md'), writtenCard(whole, terms, 'gguf'))
    }
  },
}

/** llama_ftype: what most of the numbers are. */
const fileTypes: Readonly<Record<WrittenType, number>> = { F32: 0, F16: 1, Q4_0: 2, Q8_0: 7, BF16: 32 }

const generalFields = (architecture: string, { name, licence }: Terms, numbers: WrittenType): GgufFields => ({
  'general.architecture': { text: architecture },
  'general.type': { text: 'model' },
  'general.name': { text: name },
  ...(licence !== '' && { 'general.license': { text: licence } }),
  'general.file_type': { u32: fileTypes[numbers] },
  'general.quantization_version': { u32: 2 },
})

function tensorsOf(
  { config, parameters }: LanguageModel,
  network: GgufNetwork<ModelConfig>,
  numbers: WrittenType,
): readonly GgufTensor[] {
  const own = Object.entries(parameters.spec).map(([name, shape]): GgufTensor => {
    const { shift = 0, factor = 1, isPrecise = false, ...layout } = network.layout(config, name)
    const held = parameters.view(name)
    const isAsHeld = shift === 0 && factor === 1
    const tensor = { shape, ...layout, data: isAsHeld ? held : held.map((value) => (value + shift) * factor) }
    return { ...tensor, type: isPrecise ? 'F32' : typeOf(tensor, numbers) }
  })
  const others = (network.others?.(config) ?? []).map((tensor) => ({ ...tensor, type: 'F32' as const }))
  return [...own, ...others]
}

/** Gains and biases keep all digits. In 4 bits the tables of tokens have 8; rows that no block divides have 16. */
function typeOf(tensor: WrittenTensor, numbers: WrittenType): WrittenType {
  const shape = writtenShape(tensor)
  if (shape.length === 1) return 'F32'
  const isTable = tensor.name === 'token_embd.weight' || tensor.name === 'output.weight'
  const wanted = isTable && numbers === 'Q4_0' ? 'Q8_0' : numbers
  return shape.at(-1)! % writtenNumbers[wanted].blockNumbers === 0 ? wanted : 'F16'
}
