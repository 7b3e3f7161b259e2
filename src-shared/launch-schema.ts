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
