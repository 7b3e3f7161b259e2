/** A package that is too large for HTTP goes through the folder that both share, or is refused with what to do. */
import { createServer } from 'node:http'
import { once } from 'node:events'
import { existsSync, readdirSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { rayClient } from '../../src-main/cluster/ray-client'
import { forgetPackage, sendPackage } from '../../src-main/cluster/send-package'
import { testFolder } from '../helpers/registry'

/** A cluster that has no package and takes each. @returns what came */
async function emptyCluster(sharedFolder?: string) {
  const came: string[] = []
  const server = createServer((request, response) => {
    if (request.method === 'PUT') came.push(request.url!)
    request.resume().on('end', () => response.writeHead(request.method === 'PUT' ? 200 : 404).end())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const address = `http://127.0.0.1:${(server.address() as { port: number }).port}`
  const cluster = { name: 'c', address, environment: {}, ...(sharedFolder !== undefined && { sharedFolder }) }
  return { client: rayClient(cluster), came }
}

/** A package with one file of so many MiB. */
function packageOf(mebibytes: number) {
  const path = join(testFolder(), 'weights')
  writeFileSync(path, '')
  truncateSync(path, mebibytes * 2 ** 20)
  return { name: '_ray_pkg_a.zip', what: 'the run', entries: [{ name: 'weights', path, isPacked: false }] }
}

describe('a package for a cluster', () => {
  it('goes by HTTP while Ray takes it, also where a folder is shared', async () => {
    const { client, came } = await emptyCluster(testFolder())
    expect(await sendPackage(client, packageOf(1), testFolder())).toBe('gcs://_ray_pkg_a.zip')
    expect(came).toEqual(['/api/packages/gcs/_ray_pkg_a.zip'])
  })

  it('that is larger is refused with its size, the limit and what to type', async () => {
    const { client, came } = await emptyCluster()
    await expect(sendPackage(client, packageOf(101), testFolder())).rejects.toThrow(
      /the run is 106 MB, and Ray takes at most 105 MB.*studio cluster add c --shared-folder/,
    )
    expect(came).toEqual([])
  })

  it('that is larger lies whole in the shared folder, and no longer when it was used', async () => {
    const shared = join(testFolder())
    const { client, came } = await emptyCluster(shared)
    const address = await sendPackage(client, packageOf(101), testFolder())
    expect(statSync(fileURLToPath(address)).size).toBeGreaterThan(101 * 2 ** 20)
    expect(readdirSync(shared)).toEqual(['_ray_pkg_a.zip'])
    expect(came).toEqual([])
    await forgetPackage(client, '_ray_pkg_a.zip')
    expect(existsSync(fileURLToPath(address))).toBe(false)
  })

  it('says so when the shared folder is gone', async () => {
    const { client } = await emptyCluster(join(testFolder(), 'not-mounted'))
    await expect(sendPackage(client, packageOf(101), testFolder())).rejects.toThrow(
      /not-mounted.*is no folder here/,
    )
  })
})
