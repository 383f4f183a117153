/** What counts as a client's transaction, and how long what a rejoin leaves behind is kept: salvage bundles and replaced directories. */
import { z } from 'zod';

export interface SalvageConfig {
  /** Bundles that were put back, or hold nothing of a client, go after so many days. Others never go by themselves. */
  readonly keepDays: number;
  /** All bundles of a node together; a rejoin that needs more is refused. */
  readonly maxBytes: number;
}

export interface RejoinConfig {
  /** Data directories that a base backup replaced and that are kept; older ones go after a verified rejoin. */
  readonly keepReplaced: number;
}

export const rejoin: z.ZodType<RejoinConfig> = z
  .strictObject({ keepReplaced: z.number().int().min(0).max(100).default(1) })
  .prefault({});

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
