/** The libraries of others that exports are loaded with; `npm run test:peers` says where they are. */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'

/** A Python that has torch, transformers and peft. */
export const python = process.env['STUDIO_PEERS_PYTHON']

export const whyNoPython = python === undefined ? 'npm run test:peers runs it' : undefined

/** Runs a script beside this file. @returns the JSON of each line it wrote */
export function saidBy(script: string, ...args: readonly string[]): unknown[] {
  const answer = execFileSync(python!, [join(import.meta.dirname, script), ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, HF_HUB_OFFLINE: '1', TRANSFORMERS_OFFLINE: '1' },
  })
  return answer
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown)
}

/** A folder in which node-llama-cpp is installed. */
export const llamaFolder = process.env['STUDIO_PEERS_LLAMA'] || undefined

export const whyNoLlama = llamaFolder === undefined ? 'npm run test:peers runs it' : undefined
