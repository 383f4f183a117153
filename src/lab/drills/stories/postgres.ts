/** Drills about the primary's PostgreSQL: killed, stopped, restarted, full, or busy in a way that looks like dead. */
import type { Drill } from '../drill.ts';
import { alarm, harmless, QUICK_TAKEOVER } from './shapes.ts';

export const postgresDrills: readonly (readonly [string, Drill])[] = [
  [
    'kill-postgres',
    {
      summary: "kill -9 of the primary's postmaster: the standby takes over without losing a row",
      endsOn: 'pg2',
      twoPrimaries: false,
      mayAlert: QUICK_TAKEOVER,
      story: async (stage) => {
        await stage.strike('kill-postgres', 'pg1');
        await stage.takenOver('pg2');
      },
    },
  ],
  [
    'kill-postgres-frozen-receiver',
    {
      summary:
        "the same, with the standby's WAL receiver frozen a second before: the rest of the WAL must be fetched",
      endsOn: 'pg2',
      twoPrimaries: false,
      mayAlert: QUICK_TAKEOVER,
      story: async (stage) => {
        await stage.prepare('freeze-receiver', 'pg2');
        await stage.stand(1);
        await stage.strike('kill-postgres', 'pg1');
        await stage.takenOver('pg2');
      },
    },
  ],
  [
    'kill-postgres-busy-procedure',
    {
      summary:
        'the same, while a procedure commits in a loop: its backend outlives the postmaster and goes on writing',
      endsOn: 'pg2',
      twoPrimaries: false,
      mayAlert: QUICK_TAKEOVER,
      story: async (stage) => {
        await stage.prepare('busy-procedure', 'pg1');
        await stage.strike('kill-postgres', 'pg1');
        await stage.takenOver('pg2');
      },
    },
  ],
  [
    'kill-postgres-three-nodes',
    {
      summary: 'the same with two standbys: the better one takes over, and the other follows it',
      endsOn: null,
      twoPrimaries: false,
      mayAlert: QUICK_TAKEOVER,
      lab: { nodes: 3 },
      story: async (stage) => {
        await stage.strike('kill-postgres', 'pg1');
        await stage.takenOver('pg2', 'pg3');
      },
    },
  ],
  [
    'backend-killed',
    {
      summary: 'kill -9 of one backend of the primary: no crash restart, the standby takes over',
      endsOn: 'pg2',
      twoPrimaries: false,
      mayAlert: QUICK_TAKEOVER,
      story: async (stage) => {
        await stage.strike('kill-backend', 'pg1');
        await stage.takenOver('pg2');
      },
    },
  ],
  [
    'restarted-by-colleague',
    {
      summary:
        'pg_ctl restart of the primary by a colleague: it comes up read-only and is promoted by its own lease',
      endsOn: null,
      twoPrimaries: false,
      mayAlert: QUICK_TAKEOVER,
      story: async (stage) => {
        await stage.strike('restart-postgres', 'pg1');
      },
    },
  ],
  [
    'postgres-stopped',
    {
      summary:
        "SIGSTOP to every process of the primary's PostgreSQL: it is killed, and the standby takes over",
      endsOn: 'pg2',
      twoPrimaries: false,
      mayAlert: QUICK_TAKEOVER,
      story: async (stage) => {
        await stage.strike('stop-postgres', 'pg1');
        await stage.takenOver('pg2');
      },
    },
  ],
  [
    'connections-used-up',
    harmless('every connection of the primary is taken: it answers, so it is alive, and nothing happens', {
      fault: 'use-up-connections',
      host: 'pg1',
    }),
  ],
  [
    'heartbeat-locked',
    harmless(
      'a session holds a lock on sr_delay: the heartbeat cannot be written, other writes can, and nothing happens',
      { fault: 'lock-heartbeat', host: 'pg1' },
      // Nobody can read a locked table: 30 s without a heartbeat, and 5 s of the rule.
      { alerts: [alarm('HeartbeatStale', null, 50)] },
    ),
  ],
  [
    'disk-full',
    {
      summary: "the primary's data directory fills up: the standby takes over; a person makes room",
      endsOn: 'pg2',
      twoPrimaries: false,
      lab: { diskMegabytes: 500 },
      mayAlert: ['HeartbeatStale', 'PostgresNoPrimary', 'VipMissing'],
      story: async (stage) => {
        await stage.strike('fill-disk', 'pg1');
        await stage.takenOver('pg2');
        await stage.mend('fill-disk', 'pg1');
      },
    },
  ],
];
