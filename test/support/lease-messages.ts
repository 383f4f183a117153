/** Messages of the lease as a test needs them. */
import type { LeaseMessage } from '../../src/core/lease/message.ts';
import type { PauseNotice } from '../../src/core/lease/pause.ts';
import type { NodeName } from '../../src/core/model/names.ts';
import type { NodeReport, ServerReport } from '../../src/core/model/node-report.ts';

const FORMER: ServerReport = {
  role: 'primary',
  systemIdentifier: null,
  timeline: 1,
  historyHash: null,
  lsn: '0/2000000',
  replayLsn: null,
  heartbeat: null,
  dataEpoch: null,
  synchronous: null,
  streamsAs: null,
};

export function reportOf(node: NodeName): NodeReport {
  return {
    node,
    kind: 'database',
    adopted: true,
    server: {
      role: 'primary',
      systemIdentifier: null,
      timeline: 2,
      historyHash: '0123456789abcdef',
      lsn: '0/3000060',
      replayLsn: null,
      heartbeat: 1_790_000_000.25,
      dataEpoch: null,
      synchronous: { names: 'FIRST 1 (pg2)', degraded: false, strangers: 0 },
      streamsAs: null,
    },
    holdsVip: true,
    fenced: false,
    readyToSucceed: false,
    priority: 100,
    sights: [{ node: 'pg9' as NodeName, role: 'standby', ageMs: 120 }],
    remembers: { node: 'pg8' as NodeName, ageMs: 250, server: FORMER, epoch: 2 },
  };
}

const PAUSE: PauseNotice = {
  number: 2,
  waitMs: 1_820_700.5,
  words: { reason: 'kernel update on pg2', by: 'root', until: '2026-11-21T22:30:00.000Z' },
};

/** A message of each kind, about epoch 3 of its sender. */
export function messageOf(
  kind: LeaseMessage<NodeReport>['kind'],
  from: NodeName,
  nonce: string,
): LeaseMessage<NodeReport> {
  const lease = { epoch: 3, uuid: 'lease-uuid', holder: from };
  const report = reportOf(from);
  if (kind === 'answer') {
    const view = {
      lease,
      transferredTo: null,
      heardAgoMs: 12,
      begun: lease,
      grantableInMs: 2_688,
      pause: PAUSE,
    };
    return { kind, from, nonce, verdict: 'granted', view, report };
  }
  const request = { from, nonce, digest: 'digest', at: 0, waitMs: 2_700, report };
  switch (kind) {
    case 'look':
      return { ...request, kind };
    case 'renew':
      return { ...request, kind, lease, forced: true, pause: PAUSE };
    case 'claim':
      return { ...request, kind, lease, adoption: false, pause: null };
    case 'transfer':
      return { ...request, kind, lease, successor: 'pg2' as NodeName, proof: { lsn: '0/3000060' } };
  }
}
