/** `studio models …`: bring a model in, send one out, rename it, delete it. */
import { resolve } from 'node:path'
import { Option, type Command } from 'commander'
import {
  exportFormats,
  exportNumbers,
  type ExportFormat,
  type ExportNumbers,
} from '../../../src-shared/records/checkpoint'
import type { Api } from '../../../src-shared/wire'
import {
  exportModelCommand,
  getModelCommand,
  importModelCommand,
  removeModelCommand,
  renameModelCommand,
  type ImportModelOptions,
} from '../models'
import { interruptible, type Workplace } from '../surroundings'
import type { Exit } from '../terminal'

/** Work that writes the registry, with a signal that Ctrl C aborts. */
type Writing = (work: (api: Api, signal: AbortSignal) => Promise<Exit>) => Promise<void>

export function addModels(program: Command, workplace: Workplace): void {
  const writing: Writing = (work) =>
    workplace.writing((api) => interruptible(workplace.around, (signal) => work(api, signal)))
  const models = program
    .command('models')
    .description('Bring models in and send them out; `studio checkpoints` lists them.')
  addImport(models, workplace, writing)
  addGet(models, workplace, writing)
  addExport(models, workplace, writing)
  addRename(models, workplace, writing)
  addRemove(models, workplace, writing)
}

function addImport(models: Command, { terminal }: Workplace, writing: Writing): void {
  models
    .command('import')
    .description('Bring in a model, whole or not at all.')
    .argument(
      '<path>',
      'A folder of Hugging Face, PEFT or RWKV, a GGUF file of a Llama, or a checkpoint of this studio.',
    )
    .option('--name <name>', 'Name of the checkpoint; else what the model calls itself.')
    .option(
      '--base <checkpoint>',
      'Checkpoint that an adapter stands on, by name or id: of PEFT’s any language model it fits, of ' +
        'this studio’s the very one it was trained on.',
    )
    .action((path: string, options: ImportModelOptions) =>
      writing((api, signal) => importModelCommand(resolve(path), options, { api, terminal, signal })),
    )
}

function addGet(models: Command, { terminal }: Workplace, writing: Writing): void {
  models
    .command('get')
    .description('Fetch a model from Hugging Face and bring it in; a download that is cut off goes on later.')
    .argument(
      '<address>',
      'hf:OWNER/NAME, with @REVISION, and with :FILE.gguf where it holds several models.',
    )
    .option('--name <name>', 'Name of the checkpoint; else that of the repository.')
    .option('--base <checkpoint>', 'Checkpoint that an adapter stands on, by name or id.')
    .action((address: string, options: ImportModelOptions) =>
      writing((api, signal) => getModelCommand(address, options, { api, terminal, signal })),
    )
}

function addExport(models: Command, { terminal }: Workplace, writing: Writing): void {
  const format = new Option(
    '--format <format>',
    'hugging-face is for transformers, gguf for llama.cpp, onnx for transformers.js, peft an adapter ' +
      'alone, peft-with-base with its base inside.',
  )
  const numbers = new Option(
    '--numbers <numbers>',
    'How numbers are stored: F32 unless said, in gguf F16; Q8_0 and Q4_0 are for gguf alone.',
  )
  models
    .command('export')
    .description('Write a model into a new folder for other programs.')
    .argument('<checkpoint>', 'Name or id.')
    .requiredOption('--to <folder>', 'Folder in which the new one is made.')
    .addOption(format.choices(exportFormats).default('hugging-face'))
    .addOption(numbers.choices(exportNumbers))
    .action((asked: string, { to, ...form }: ExportOptions) =>
      writing((api) => exportModelCommand(asked, { folder: resolve(to), ...form }, { api, terminal })),
    )
}

interface ExportOptions {
  readonly to: string
  readonly format: ExportFormat
  readonly numbers?: ExportNumbers
}

function addRename(models: Command, { terminal }: Workplace, writing: Writing): void {
  models
    .command('rename')
    .description('Give a checkpoint another name.')
    .argument('<checkpoint>', 'Name or id.')
    .argument('<name>')
    .action((asked: string, name: string) =>
      writing((api) => renameModelCommand(asked, name, { api, terminal })),
    )
}

function addRemove(models: Command, { terminal }: Workplace, writing: Writing): void {
  models
    .command('remove')
    .description('Delete a checkpoint that no run and no label queue needs.')
    .argument('<checkpoint>', 'Name or id.')
    .action((asked: string) => writing((api) => removeModelCommand(asked, { api, terminal })))
}
