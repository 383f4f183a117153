/** What counts as a client's transaction, how long salvage bundles are kept, and how much disk they may take. */
import { z } from 'zod';

export interface SalvageConfig {
  /** Bundles that were put back, or hold nothing of a client, go after so many days. Others never go by themselves. */
  readonly keepDays: number;
  /** All bundles of a node together; a rejoin that needs more is refused. */
  readonly maxBytes: number;
}

export const salvage: z.ZodType<SalvageConfig> = z
  .strictObject({
    keepDays: z.number().min(0).default(30),
    maxBytes: z.number().int().min(1_000_000).default(53_687_091_200),
  })
  .prefault({});

export const account: z.ZodType<{ readonly ignore: readonly string[] }> = z
  .strictObject({
    ignore: z.array(z.string().regex(/^[^.]+\.[^.]+$/, 'expected schema.table')).default([]),
  })
  .prefault({});
