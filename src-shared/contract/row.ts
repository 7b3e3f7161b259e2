/** One row of the table: what comes in, checked when it arrives, and the type of what goes out. */
import { z } from 'zod'

export interface Row<In extends z.ZodType, Out> {
  readonly input: In
  readonly out?: Out
}
export const call = <const S extends z.ZodRawShape>(shape: S) => ({
  returns: <Out>(): Row<z.ZodObject<S>, Out> => ({
    input: z.strictObject(shape) as unknown as z.ZodObject<S>,
  }),
})
export const stream = <const S extends z.ZodRawShape>(shape: S) => ({
  of: <Item>(): Row<z.ZodObject<S>, Item> => ({ input: z.strictObject(shape) as unknown as z.ZodObject<S> }),
})
