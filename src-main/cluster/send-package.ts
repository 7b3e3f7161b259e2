/**
 * Brings a package to a cluster: by HTTP as long as Ray takes it, else through the folder that this machine and the
 * cluster's nodes share.
 */
import { copyFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { bytesText } from '../../src-shared/sizes'
import { writeZip, type ZipEntry } from '../places/zip-writing'
import type { RayClient } from './ray-client'
import { clusterFailure } from './ray-http'

export interface Package {
  /** With its ending. */
  readonly name: string
  /** For people. */
  readonly what: string
  readonly entries: readonly ZipEntry[]
}

/** What Ray takes by HTTP. */
const mostBytes = 100 * 2 ** 20

/**
 * @param scratch a folder for the file while it goes
 * @returns the address by which Ray finds it
 * @throws StudioFailure cluster-failed, when it is too large for HTTP and no folder is shared
 */
export async function sendPackage(client: RayClient, sent: Package, scratch: string): Promise<string> {
  if (await client.has(sent.name)) return `gcs://${sent.name}`
  const file = join(scratch, 'package.zip')
  const bytes = await writeZip(file, sent.entries)
  if (bytes <= mostBytes) {
    await client.upload(sent.name, file)
    return `gcs://${sent.name}`
  }
  const { sharedFolder, name: cluster } = client.cluster
  if (sharedFolder === undefined)
    throw clusterFailure(
      `Packed, ${sent.what} is ${bytesText(bytes)}, and Ray takes at most ${bytesText(mostBytes)} by HTTP. Name a ` +
        `folder that this machine and the nodes of the cluster share: \`studio cluster add ${cluster} ` +
        '--shared-folder FOLDER`.',
    )
  const target = join(await sharedPackages(sharedFolder), sent.name)
  await copyFile(file, `${target}.partial`)
  await rename(`${target}.partial`, target)
  return pathToFileURL(target).href
}

/** What a run of its cluster took from the shared folder is of no use after it. */
export async function forgetPackage(client: RayClient, name: string): Promise<void> {
  const { sharedFolder } = client.cluster
  if (sharedFolder !== undefined) await rm(join(sharedFolder, name), { force: true })
}

/** @throws StudioFailure cluster-failed, when it is not there */
async function sharedPackages(folder: string): Promise<string> {
  const found = await stat(folder).catch(() => undefined)
  if (found?.isDirectory()) return folder
  throw clusterFailure(
    `${folder}, which this machine and the cluster are to share, is no folder here. Mount it, and send the run again.`,
  )
}
