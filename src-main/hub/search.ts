/** Repositories by words of their names, the most fetched first. */
import { listDatasets, listModels } from '@huggingface/hub'
import { z } from 'zod'
import type { HubFound, HubKind } from '../../src-shared/records/hub'
import type { HubAccess } from './access'
import { hubOf, type Hub } from './hub'
import { asHubFailure, licenceIn } from './repository'

const mostFound = 20

const foundSchema = z.object({
  name: z.string(),
  downloads: z.number().catch(0),
  gated: z.union([z.boolean(), z.string()]).catch(false),
  updatedAt: z.date(),
  tags: z.array(z.string()).catch([]),
  config: z.object({ model_type: z.string() }).optional().catch(undefined),
  safetensors: z.object({ total: z.number() }).optional().catch(undefined),
})

/** @throws StudioFailure hub-failed */
export async function hubSearch(
  access: HubAccess,
  { kind, words }: { readonly kind: HubKind; readonly words: string },
  signal: AbortSignal,
): Promise<readonly HubFound[]> {
  const hub = hubOf(access, { kind }, signal)
  return asHubFailure(hub, async () => {
    const found: HubFound[] = []
    for await (const each of listing(hub, kind, words)) found.push(foundIn(each))
    return found
  })
}

function listing(hub: Hub, kind: HubKind, query: string): AsyncIterable<unknown> {
  const asked = {
    search: { query },
    sort: 'downloads',
    limit: mostFound,
    hubUrl: hub.endpoint,
    fetch: hub.fetch,
  } as const
  return kind === 'datasets'
    ? listDatasets({ ...asked, additionalFields: ['tags'] })
    : listModels({ ...asked, additionalFields: ['tags', 'config', 'safetensors'] })
}

function foundIn(each: unknown): HubFound {
  const { name, downloads, gated, updatedAt, tags, config, safetensors } = foundSchema.parse(each)
  return {
    name,
    downloads,
    isGated: gated !== false,
    updatedAtMs: updatedAt.getTime() || 0,
    licence: licenceIn(tags),
    size: sizeText(tags, safetensors?.total),
    family: config?.model_type ?? (tags.includes('gguf') ? 'gguf' : ''),
  }
}

function sizeText(tags: readonly string[], parameters: number | undefined): string {
  if (parameters !== undefined) return `${(parameters / 1e6).toFixed(parameters < 1e7 ? 1 : 0)}M`
  const [, range] = tags.join('\n').match(/^size_categories:(.+)$/m) ?? []
  return range === undefined
    ? ''
    : `${range.replace('<n<', ' to ').replace('n<', 'under ').replace('n>', 'over ')} rows`
}
