/** When a standby may take over, in primacy.yml. */
import { z } from 'zod';
import { address, seconds } from './values.ts';

/** When a standby may take over, beside the timings. */
export interface FailoverConfig {
  /** More failovers in an hour than this, each without a verified rejoin after it, and a person has to look. */
  readonly perHour: number;
  /** The greatest loss that a failover may cost: seconds of heartbeat, and bytes of WAL. */
  readonly lossHeartbeatSeconds: number;
  readonly lossBytes: number;
  /** Answers where this node's own network works; null = not asked. */
  readonly gateway: string | null;
}

export const failover: z.ZodType<FailoverConfig> = z
  .strictObject({
    perHour: z.number().int().min(0).default(2),
    lossHeartbeatSeconds: seconds(10),
    lossBytes: z.number().int().min(0).default(16_777_216),
    gateway: address.nullable().default(null),
  })
  .prefault({});
