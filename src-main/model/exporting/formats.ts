/** The formats that models are written in, one row each. */
import type { ExportFormat } from '../../../src-shared/records/checkpoint'
import type { WrittenFormat } from './format'
import { ggufExport } from './gguf-export'
import { huggingFaceExport } from './hugging-face-export'
import { onnxExport } from './onnx-export'
import { peftExport, peftWithBaseExport } from './peft-export'

export const writtenFormats: Readonly<Record<ExportFormat, WrittenFormat>> = {
  'hugging-face': huggingFaceExport,
  gguf: ggufExport,
  onnx: onnxExport,
  peft: peftExport,
  'peft-with-base': peftWithBaseExport,
}
