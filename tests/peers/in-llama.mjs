/**
 * Loads GGUF files with llama.cpp and lets it write: node in-llama.mjs FOLDER-OF-NODE-LLAMA-CPP ASKED.json, where the
 * latter lists files, texts to tokenize and how many tokens to write. Answers with a line of JSON for each file.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const [folder, asked] = process.argv.slice(2)
const { getLlama } = await import(
  pathToFileURL(join(folder, 'node_modules/node-llama-cpp/dist/index.js')).href
)
const llama = await getLlama({ gpu: false, build: 'never', logLevel: 'error', progressLogs: false })
for (const { file, texts, prompt, tokens } of JSON.parse(readFileSync(asked, 'utf8'))) {
  const model = await llama.loadModel({ modelPath: file, gpuLayers: 0 })
  const begin = model.tokens.shouldPrependBosToken ? [model.tokens.bos] : []
  const context = await model.createContext({ contextSize: 64, threads: 1, flashAttention: false })
  const written = []
  const read = [...begin, ...model.tokenize(prompt)]
  for await (const token of context.getSequence().evaluate(read, { temperature: 0, yieldEogToken: true })) {
    written.push(token)
    if (written.length === tokens || model.isEogToken(token)) break
  }
  const encoded = texts.map((text) => [...begin, ...model.tokenize(text)])
  console.log(JSON.stringify({ file, written, read, encoded }))
  await context.dispose()
  await model.dispose()
}
process.exit(0)
