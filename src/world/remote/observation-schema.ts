/** Schema of a node's observation as it crosses the wire. */
import { z } from 'zod';
import { unknown } from '../../core/model/known.ts';
import { VRRP_STATES, type NodeObservation } from '../../core/model/observation.ts';
import { ROLES } from '../../core/model/role.ts';
import {
  fenceMarkerSchema,
  knownOf,
  lsn,
  millis,
  nodeName,
  systemIdentifier,
  timeline,
} from './wire-values.ts';

/** Reads what `encodeResult` wrote of a look: LSNs become numbers again. */
export const observationSchema: z.ZodType<NodeObservation> = z.object({
  node: nodeName,
  kind: z.enum(['database', 'witness']),
  at: millis,
  agentRunning: knownOf(z.boolean()),
  postgres: z
    .object({
      role: z.enum(ROLES),
      roleReason: z.string(),
      systemIdentifier: knownOf(systemIdentifier),
      timeline: knownOf(timeline),
      history: knownOf(z.string()),
      currentLsn: knownOf(lsn),
      receiveLsn: knownOf(lsn),
      replayLsn: knownOf(lsn),
      receiver: knownOf(
        z
          .object({
            status: z.string(),
            receivedTimeline: timeline,
            senderHost: z.string().nullable(),
            senderPort: z.number().nullable(),
          })
          .nullable(),
      ),
      senders: knownOf(
        z.array(
          z.object({
            applicationName: z.string(),
            clientAddress: z.string().nullable(),
            state: z.string(),
            syncState: z.string(),
            replayLsn: lsn.nullable(),
          }),
        ),
      ),
      suspendedSynchronous: knownOf(
        z.object({ names: z.string(), by: z.string().nullable(), at: millis }).nullable(),
      )
        // A node of an older version does not tell.
        .default(unknown('this node does not tell')),
      control: knownOf(
        z.object({
          systemIdentifier,
          state: z.string(),
          checkpointTimeline: timeline,
          checkpointLsn: lsn,
          minRecoveryEndLsn: lsn,
          minRecoveryEndTimeline: z.number(),
          rewindPossible: z.boolean(),
        }),
      ),
    })
    .nullable(),
  vip: knownOf(z.object({ present: z.boolean(), interface: z.string().nullable() })),
  keepalived: knownOf(
    z.object({
      running: z.boolean(),
      vrrpState: knownOf(z.enum(VRRP_STATES)),
      effectivePriority: knownOf(z.number()),
    }),
  ).nullable(),
  fence: knownOf(fenceMarkerSchema.nullable()),
  rejoin: knownOf(
    z
      .object({
        phase: z.enum(['accounted', 'rewinding', 'rewound', 'started', 'verified']),
        survivor: nodeName,
        startedAt: millis,
      })
      .nullable(),
  ),
  lease: knownOf(
    z
      .object({
        epoch: z.number(),
        uuid: z.string(),
        holder: nodeName,
        transferredTo: nodeName.nullable(),
        entitled: z.boolean(),
        pause: z
          .object({
            number: z.number(),
            ended: z.boolean(),
            reason: z.string(),
            by: z.string(),
            until: z.string(),
          })
          .nullable()
          // A node of an older version knows of none.
          .default(null),
        override: z.object({ reason: z.string(), until: z.string() }).nullable().default(null),
      })
      .nullable(),
  ),
});
