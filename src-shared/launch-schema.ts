/** What names things at the border, and what a launch is asked for by. */
import { z } from 'zod'
import { recipeNames } from './recipes/recipes'

export const id = z.string().min(1).max(100)
export const name = z.string().trim().min(1, 'must not be empty').max(120, 'is longer than 120 characters')
/** The name that a person's judgments are kept under. */
export const annotator = z.string().trim().max(80, 'is longer than 80 characters')
/** On main's machine. */
export const filePath = z.string().trim().min(1, 'must not be empty').max(4000)

export const launch = {
  recipe: z.enum(recipeNames),
  name: name.optional(),
  settings: z.record(z.string(), z.union([z.number(), z.string()])),
  inputs: z.record(z.string(), z.array(id).max(20)),
  device: id.optional(),
  threads: z.number().optional(),
}

/** A cluster as a person names it; its token stands in the environment. */
export const namedCluster = {
  address: z.string().trim().min(1, 'must not be empty').max(300),
  tokenFrom: z.string().max(100).optional(),
  sharedFolder: filePath.optional(),
}

/** The key of a server elsewhere, and what it is found under. */
export const keptKey = {
  name: z.string().trim().min(1, 'must not be empty').max(64, 'is longer than 64 characters'),
  key: z.string().trim().min(1, 'must not be empty').max(4000, 'is longer than 4,000 characters'),
}
