#!/usr/bin/env node
/**
 * `npx studio …`: the command line. Sets up quietly first (its words go to stderr), so that stdout holds only
 * what was asked for.
 */
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { root, setUp } from './setup.mjs'

try {
  setUp(console.error)
} catch (error) {
  console.error(error.message)
  process.exit(1)
}
await import(pathToFileURL(path.join(root, 'out/main/cli.js')).href)
