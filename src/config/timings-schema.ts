/** The limits in primacy.yml, each with its default. How those of the lease hold together is in consistency.ts. */
import { z } from 'zod';
import type { Timings } from './schema.ts';
import { seconds } from './values.ts';

export const timings: z.ZodType<Timings> = z
  .strictObject({
    sqlConnectSeconds: seconds(2),
    sqlStatementSeconds: seconds(2),
    arpProbeIntervalSeconds: seconds(5),
    keepalivedAnswerSeconds: seconds(1),
    gateIntervalSeconds: seconds(0.25),
    vipReleaseSeconds: seconds(3),
    stopFastSeconds: seconds(3),
    stopImmediateSeconds: seconds(2),
    stopKillSeconds: seconds(2),
    startSeconds: seconds(60),
    accountSeconds: seconds(600),
    rewindSeconds: seconds(3_600),
    basebackupSeconds: seconds(43_200),
    streamingSeconds: seconds(30),
    markerRowSeconds: seconds(30),
    sshConnectSeconds: seconds(3),
    observeSeconds: seconds(5),
    evidenceMaxAgeSeconds: seconds(5),
    renewSeconds: seconds(0.25),
    leaseSeconds: seconds(1.6),
    clockDriftPercent: z.number().min(0).max(50).default(1),
    deadManSeconds: seconds(0.2),
    killSeconds: seconds(0.4),
    marginSeconds: seconds(0.4),
    promotionWaitSeconds: seconds(2.7),
    agentRestartSeconds: z.number().positive().max(60).default(10),
    watchSeconds: seconds(0.05),
    postgresSilenceSeconds: seconds(4),
    cannotWriteSeconds: seconds(5),
    handOverSeconds: seconds(1),
    rescueSeconds: seconds(2),
    promoteSeconds: seconds(10),
    peerProbeSeconds: seconds(0.5),
    failoverCooldownSeconds: seconds(600),
  })
  .prefault({});
