/** Faults of replication to a standby, and of its replay. */
import { STANDBY, PRIMARY, type Fault } from './fault.ts';
import {
  cascade,
  delayReplay,
  dropMuch,
  hurryReplay,
  pauseReplay,
  resumeReplay,
  writeMuch,
} from './replay.ts';
import { signalReceiver } from './signals.ts';

export const standbyFaults: readonly (readonly [string, Fault])[] = [
  [
    'freeze-receiver',
    {
      summary: 'SIGSTOP to the WAL receiver of a standby',
      defaultHost: STANDBY,
      strike: (target) => signalReceiver(target, 'STOP'),
      mend: (target) => signalReceiver(target, 'CONT'),
    },
  ],
  [
    'pause-replay',
    {
      summary: 'pg_wal_replay_pause: WAL is received and not applied',
      defaultHost: STANDBY,
      strike: pauseReplay,
      mend: resumeReplay,
    },
  ],
  [
    'delay-replay',
    {
      summary: 'recovery_min_apply_delay of an hour',
      defaultHost: STANDBY,
      strike: delayReplay,
      mend: hurryReplay,
    },
  ],
  [
    'cascade',
    {
      summary: 'a standby is made to follow another standby (--with)',
      defaultHost: 'pg3',
      strike: cascade,
      // Its agent points it at the primary again.
      mend: null,
    },
  ],
  [
    'write-much',
    {
      summary: 'a table of 48 MB is written: three times what a failover may lose',
      defaultHost: PRIMARY,
      strike: writeMuch,
      mend: dropMuch,
    },
  ],
];
