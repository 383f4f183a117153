/** Drills about a network in two parts: each way round, with the client on either side. Prometheus is on the side that is not named. */
import type { Drill } from '../drill.ts';
import { AGENT_DOWN_SECONDS, alarm, AT_RISK_SECONDS, costly, harmless } from './shapes.ts';

const LOST = (host: string) => alarm('AgentDown', host, AGENT_DOWN_SECONDS);
/** One voter less is a bare majority of three. */
const AT_RISK = alarm('LeaseQuorumAtRisk', 'pg1', AT_RISK_SECONDS);

export const partitionDrills: readonly (readonly [string, Drill])[] = [
  [
    'partition',
    costly(
      'the primary is cut off together with the client',
      { fault: 'partition', host: 'pg1', others: ['client'] },
      { alerts: [LOST('pg1')] },
    ),
  ],
  [
    'partition-primary',
    costly(
      'the primary is cut off from everybody, the client included',
      { fault: 'partition', host: 'pg1' },
      { alerts: [LOST('pg1')] },
    ),
  ],
  [
    'partition-standby',
    harmless(
      'the standby is cut off from everybody: nothing happens to clients',
      { fault: 'partition', host: 'pg2' },
      { alerts: [LOST('pg2'), AT_RISK] },
    ),
  ],
  [
    'partition-standby-client',
    harmless(
      'the standby is cut off together with the client: it must not take over, however many miss the primary',
      { fault: 'partition', host: 'pg2', others: ['client'] },
      { alerts: [LOST('pg2'), AT_RISK] },
    ),
  ],
  [
    'partition-witness',
    harmless(
      'the witness is cut off from everybody: nothing happens to clients',
      { fault: 'partition', host: 'witness' },
      { alerts: [LOST('witness'), AT_RISK] },
    ),
  ],
  [
    'partition-witness-client',
    harmless(
      'the witness is cut off together with the client',
      { fault: 'partition', host: 'witness', others: ['client'] },
      { alerts: [LOST('witness'), AT_RISK] },
    ),
  ],
  [
    'partition-primary-witness',
    harmless(
      'primary, witness and client on one side, standby and Prometheus on the other',
      { fault: 'partition', host: 'pg1', others: ['witness', 'client'] },
      {
        alerts: [LOST('pg1'), LOST('witness')],
        // As far as Prometheus can see.
        mayAlert: ['PostgresNoPrimary', 'VipMissing', 'HeartbeatStale'],
      },
    ),
  ],
  [
    'partition-monitoring',
    harmless(
      'Prometheus and the responder are cut off: no alert can come, and nothing else happens',
      { fault: 'partition', host: 'mon' },
      { mayAlert: ['AgentDown', 'HeartbeatStale', 'PostgresNoPrimary', 'LeaseNotHeld'] },
    ),
  ],
];
