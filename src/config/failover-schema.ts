/** When a standby may take over, in primacy.yml. */
import { z } from 'zod';
import type { FailoverConfig } from './schema.ts';
import { address, seconds } from './values.ts';

export const failover: z.ZodType<FailoverConfig> = z
  .strictObject({
    perHour: z.number().int().min(0).default(2),
    lossHeartbeatSeconds: seconds(10),
    lossBytes: z.number().int().min(0).default(16_777_216),
    gateway: address.nullable().default(null),
  })
  .prefault({});
