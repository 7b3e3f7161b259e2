/**
 * Builds the optimizer's WebAssembly: src-main/compute/training/adamw.wat → resources/adamw.wasm. Both are committed;
 * a test compares them. Run it after a change of the source: `node scripts/build-wasm.mjs`.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import wabt from 'wabt'

const source = fileURLToPath(new URL('../src-main/compute/training/adamw.wat', import.meta.url))
const target = fileURLToPath(new URL('../resources/adamw.wasm', import.meta.url))

const features = { simd: true, threads: true }

/** @returns {Promise<Uint8Array>} the bytes the committed file must have */
export async function buildWasm() {
  const { parseWat } = await wabt()
  const module = parseWat(source, readFileSync(source, 'utf8'), features)
  try {
    module.validate(features)
    return module.toBinary({}).buffer
  } finally {
    module.destroy()
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const bytes = await buildWasm()
  writeFileSync(target, bytes)
  console.log(`resources/adamw.wasm: ${bytes.length} bytes`)
}
