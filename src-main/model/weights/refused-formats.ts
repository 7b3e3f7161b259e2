/** Files of weights that are never opened, each with the reason and the way round. */

const pickles = /\.(bin|pt|pth|ckpt)$/i

/** What is wrong with a file by its name alone; undefined when its name says nothing against it. @param path of the file */
export function refusedByName(path: string): string | undefined {
  if (pickles.test(path)) return pickleProblem(path)
  if (/\.(zip|tar|tgz|gz|7z|rar|xz)$/i.test(path)) return 'it is an archive: unpack it and import what is in it'
  if (/\.onnx$/i.test(path)) return 'ONNX files hold a program, not a model that can be trained: import the safetensors it was made from'
  return undefined
}

/** @param path of a folder, or of a file in one */
export function pickleProblem(path: string): string {
  return 'it is a file of PyTorch’s own kind, a Python pickle, which can run any program when it is opened; the studio never opens one. Convert it once where you trust it:\n'
    + (pickles.test(path) ? conversionOfFile(path) : conversionOfFolder(path))
}

const conversionOfFolder = (folder: string): string =>
  `python -c "from transformers import AutoModelForCausalLM as M; M.from_pretrained(r'${folder}').save_pretrained(r'${folder}')"`

const conversionOfFile = (file: string): string =>
  `python -c "import torch; from safetensors.torch import save_file; save_file({k: v.contiguous().clone() for k, v in torch.load(r'${file}', weights_only=True).items()}, r'${file.replace(pickles, '')}.safetensors')"`
