/** Files of weights that are never opened, each with the reason and the way round. */

const pickles = /\.(bin|pt|pth|ckpt)$/i

/**
 * What is wrong with a file by its name alone; undefined when its name says nothing against it.
 * @param path of the file
 */
export function refusedByName(path: string): string | undefined {
  if (pickles.test(path)) return pickledFile(path)
  if (/\.(zip|tar|tgz|gz|7z|rar|xz)$/i.test(path))
    return 'it is an archive: unpack it and import what is in it'
  if (/\.onnx$/i.test(path))
    return 'ONNX files hold a program, not a model that can be trained: import the safetensors it was made from'
  return undefined
}

/** What is wrong with a file by its first bytes. @param path of the file */
export function refusedByContent(start: Uint8Array, path: string): string | undefined {
  if (beginsWith(start, 0x50, 0x4b))
    return `it is a zip archive: unpack it and import what is in it. If it is PyTorch’s: ${pickledFile(path)}`
  if (beginsWith(start, 0x80, 0x02) || beginsWith(start, 0x80, 0x04)) return pickledFile(path)
  if (beginsWith(start, 0x1f, 0x8b)) return 'it is compressed by gzip: unpack it and import what is in it'
  return undefined
}

const beginsWith = (start: Uint8Array, ...bytes: readonly number[]): boolean =>
  bytes.every((byte, i) => start[i] === byte)

const reason =
  'it is a file of PyTorch’s own kind, a Python pickle, which can run any program when it is opened; the ' +
  'studio never opens one. Convert it once where you trust it:\n'

export const pickledFile = (file: string): string =>
  `${reason}python -c "import torch; from safetensors.torch import save_file; save_file({k: ` +
  `v.contiguous().clone() for k, v in torch.load(r'${file}', weights_only=True).items()}, ` +
  `r'${file.replace(pickles, '')}.safetensors')"`

export const pickledFolder = (folder: string): string =>
  `${reason}python -c "from transformers import AutoModelForCausalLM as M; ` +
  `M.from_pretrained(r'${folder}').save_pretrained(r'${folder}')"`
