/** One failover snapshot in which every criterion passes on silence: pg1 fell silent, pg2 is its complete standby. */
import type {
  CandidateServer,
  FailoverSnapshot,
  LastPrimary,
} from '../../src/core/guard/failover-snapshot.ts';
import { known } from '../../src/core/model/known.ts';
import { parseLsn } from '../../src/core/model/lsn.ts';
import type { NodeName } from '../../src/core/model/names.ts';
import { ASYNCHRONOUS } from '../../src/core/model/synchronous-word.ts';

const SYSTEM = '7000000000000000001';

export const LAST_PRIMARY: LastPrimary = {
  node: 'pg1' as NodeName,
  ageMs: 3_000,
  systemIdentifier: known(SYSTEM),
  timeline: known(2),
  historyHash: known('0123456789abcdef'),
  lsn: known(parseLsn('0/3000100')),
  heartbeat: known(1_000),
  synchronous: known(ASYNCHRONOUS),
};

export const CANDIDATE: CandidateServer = {
  role: 'standby',
  roleReason: 'pg_is_in_recovery() is true, with standby.signal',
  replayPaused: known(false),
  applyDelayMs: known(0),
  freeDiskBytes: known(10_000_000_000),
  systemIdentifier: known(SYSTEM),
  timeline: known(2),
  historyHash: known('0123456789abcdef'),
  receiving: known(false),
  receiveLsn: known(parseLsn('0/3000000')),
  heartbeat: known(999),
  heartbeatUnchangedMs: known(6_000),
  dataEpoch: null,
  streamsAs: known('pg2'),
  cannotServe: known(null),
};

export const PASSING: FailoverSnapshot = {
  self: 'pg2' as NodeName,
  priority: 100,
  giver: null,
  work: known(null),
  failoverAgesMs: known([]),
  server: CANDIDATE,
  configuredSystemIdentifier: SYSTEM,
  lastPrimary: known(LAST_PRIMARY),
  unheardMs: 0,
  primarySql: known('silent'),
  primaryHost: known('silent'),
  gatewayAnswers: known(true),
  witness: known({ seesPrimary: false, primaryAgeMs: 3_000 }),
  votersSeen: known(2),
  voters: 3,
  databases: 2,
  grantable: known(true),
  otherPrimaries: known([]),
  rivals: known([]),
  vipAnswered: known(false),
  keepalivedFault: known(null),
  clockSteady: known(true),
  limits: {
    cooldownMs: 600_000,
    perHour: 2,
    lossHeartbeatSeconds: 10,
    lossBytes: 16_777_216,
    heartbeatStaleMs: 5_000,
    minFreeDiskBytes: 64 * 1024 * 1024,
  },
};
