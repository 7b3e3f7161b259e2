/** node-gyp as npm carries it: compiles a package's C++ into a binary that Node and Electron load. */
import fs from 'node:fs'
import path from 'node:path'
import { findCommand } from './debian.mjs'

/** @returns path of its script. @throws Error in words */
export function nodeGyp() {
  const npm = process.env.npm_execpath ?? fs.realpathSync(npmOnPath())
  const found = [
    path.join(path.dirname(npm), '../node_modules/node-gyp/bin/node-gyp.js'),
    path.join(
      path.dirname(process.execPath),
      '../lib/node_modules/npm/node_modules/node-gyp/bin/node-gyp.js',
    ),
    path.join(path.dirname(process.execPath), 'node_modules/npm/node_modules/node-gyp/bin/node-gyp.js'),
  ].find((file) => fs.existsSync(file))
  if (!found) throw new Error(`node-gyp was not found beside npm (${npm}). Install npm from nodejs.org.`)
  return found
}

function npmOnPath() {
  const npm = findCommand('npm')
  if (!npm) throw new Error('npm is not on the PATH')
  return npm
}

/** Headers that came with Node spare node-gyp a download. */
export function nodeHeaders() {
  const prefix = path.join(path.dirname(fs.realpathSync(process.execPath)), '..')
  return fs.existsSync(path.join(prefix, 'include/node/node_api.h')) ? [`--nodedir=${prefix}`] : []
}
