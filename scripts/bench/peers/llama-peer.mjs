/**
 * `llama-peer.mjs FILE TOKENS`: the same in llama.cpp, through node-llama-cpp where `npm run bench:peers` has
 * put it.
 */
import { createRequire } from 'node:module'
import path from 'node:path'
import readline from 'node:readline'
import { pathToFileURL } from 'node:url'
import { llamaFolder } from './install-peers.mjs'

const resolve = createRequire(path.join(llamaFolder, 'package.json')).resolve
const { getLlama } = await import(pathToFileURL(resolve('node-llama-cpp')))
const llama = await getLlama({ gpu: false, build: 'never', progressLogs: false, logLevel: 'error' })
const [, , file, tokens] = process.argv
const model = await llama.loadModel({ modelPath: file })
const context = await model.createContext({ contextSize: 1024, threads: 2 })
const sequence = context.getSequence()

async function write() {
  await sequence.clearHistory()
  let written = 0
  for await (const _ of sequence.evaluate(model.tokenize('Once upon a time'), { temperature: 0 }))
    if (++written === Number(tokens)) break
  return written
}
await write()
console.log(
  JSON.stringify({
    name: `llama.cpp ${llama.llamaCppRelease.release}, node-llama-cpp, ${path.basename(file)}, 2 threads`,
  }),
)
for await (const line of readline.createInterface({ input: process.stdin })) {
  const ms = []
  for (let i = 0; i < Number(line); i++) {
    const startedMs = performance.now()
    const units = await write()
    ms.push((performance.now() - startedMs) / units)
  }
  console.log(JSON.stringify({ ms }))
}
