/** Which chain a node lets its server restore: the holder's, never an old one. */
import { describe, expect, it } from 'vitest';
import { known, unknown } from '../../../../src/core/model/known.ts';
import type { ServerReport } from '../../../../src/core/model/node-report.ts';
import type { TimelineId } from '../../../../src/core/model/timeline.ts';
import { decideChain } from '../../../../src/node/hand-over/keep-chain.ts';
import { historyHash } from '../../../../src/world/postgres/history-hash.ts';

const TEXT = '1\t0/3000100\tno recovery target specified\n';
const standby = { inRecovery: true, timeline: known(2 as TimelineId), history: known(TEXT) };
const holder: ServerReport = {
  role: 'primary',
  systemIdentifier: null,
  timeline: 2,
  historyHash: historyHash(TEXT),
  lsn: null,
  replayLsn: null,
  heartbeat: null,
  dataEpoch: null,
  synchronous: null,
  streamsAs: null,
};

describe('the chain', () => {
  it('is the own branch on the primary, and on a standby of the same branch', () => {
    for (const own of [{ ...standby, inRecovery: false }, standby])
      expect(decideChain(own, holder)).toMatchObject({ kind: 'write', branch: { timeline: 2 } });
  });

  it('is removed where the holder is on another branch, also under the same number', () => {
    expect(decideChain(standby, { ...holder, timeline: 3 })).toEqual({ kind: 'remove' });
    expect(decideChain(standby, { ...holder, historyHash: historyHash('other') })).toEqual({
      kind: 'remove',
    });
  });

  it('stays as it is while the holder or the own branch is unknown', () => {
    expect(decideChain(standby, null)).toEqual({ kind: 'leave' });
    expect(decideChain(standby, { ...holder, role: 'unknown' })).toEqual({ kind: 'leave' });
    expect(decideChain(standby, { ...holder, historyHash: null })).toEqual({ kind: 'leave' });
    expect(decideChain({ ...standby, history: unknown('unreadable') }, holder)).toEqual({ kind: 'leave' });
  });
});
