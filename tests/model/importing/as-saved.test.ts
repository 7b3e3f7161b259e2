/** Files as people have them: saved from a compiled or a distributed model, or with a head that config.json denies. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fixture } from '../weights/fixtures'
import { changeTensors, copyOf, imported } from '../weights/spoiled'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'as-saved-'))
})
afterEach(() => rm(folder, { recursive: true }))

describe('a folder', () => {
  it.each(['_orig_mod.', 'module.', 'module._orig_mod.'])(
    'in which every name begins with %s is read as it is without',
    async (wrapper) => {
      const path = await copyOf('gpt2', folder)
      await changeTensors(
        path,
        (tensors) => new Map([...tensors].map(([name, tensor]) => [`${wrapper}${name}`, tensor])),
      )
      const [{ model }, { model: plain }] = [await imported(path), await imported(fixture('gpt2'))]
      expect(model.config).toEqual(plain.config)
      for (const name of Object.keys(plain.parameters.spec))
        expect(model.parameters.view(name)).toEqual(plain.parameters.view(name))
    },
  )

  it('whose config.json ties the output matrix, with another in the file, uses the file’s and says so', async () => {
    const path = await copyOf('gpt2', folder)
    await changeTensors(path, (tensors) => {
      const { shape, data } = tensors.get('transformer.wte.weight')!
      return tensors.set('lm_head.weight', { shape, data: data.map((value) => value + 1) })
    })
    const { model, lineage } = await imported(path)
    expect(model.config).toMatchObject({ isTied: false })
    const [head, table] = ['lm_head.weight', 'transformer.wte.weight'].map((name) =>
      model.parameters.view(name),
    )
    expect(head![0]).toBeCloseTo(table![0]! + 1, 6)
    expect(lineage['output matrix']).toMatch(/^its own: the file has another one/)
  })

  it('with the same output matrix twice is tied', async () => {
    const path = await copyOf('gpt2', folder)
    await changeTensors(path, (tensors) =>
      tensors.set('lm_head.weight', tensors.get('transformer.wte.weight')!),
    )
    const { model, lineage } = await imported(path)
    expect(model.config).toMatchObject({ isTied: true })
    expect(lineage['output matrix']).toBeUndefined()
  })
})
