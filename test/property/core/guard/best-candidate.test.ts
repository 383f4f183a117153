/** Among standbys that see each other at most one is the best, and a branch that was discarded never decides. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bestCandidate } from '../../../../src/core/guard/judge-candidate.ts';
import { known } from '../../../../src/core/model/known.ts';
import { formatLsn, type Lsn } from '../../../../src/core/model/lsn.ts';
import type { NodeName } from '../../../../src/core/model/names.ts';
import type { NodeReport, ServerReport } from '../../../../src/core/model/node-report.ts';
import { PASSING } from '../../../support/failover-snapshot.ts';

interface Standby {
  readonly lsn: number;
  readonly priority: number;
  /** 0: the last primary's history. */
  readonly branch: number;
}

const HASHES = ['0123456789abcdef', 'fedcba9876543210', '00000000ffffffff'];
const standby: fc.Arbitrary<Standby> = fc.record({
  lsn: fc.integer({ min: 0x3000000, max: 0x3000004 }),
  priority: fc.constantFrom(100, 200),
  branch: fc.constantFrom(0, 0, 1, 2),
});
const nameOf = (index: number): NodeName => `pg${index}` as NodeName;
const branchOf = ({ branch }: Standby) => ({
  timeline: branch === 1 ? 1 : 2,
  historyHash: HASHES[branch] ?? '',
});

function stateOf(all: readonly Standby[], index: number): 'pass' | 'fail' | 'unknown' {
  const own = all[index];
  if (own === undefined) throw new Error('no such standby');
  const base = PASSING;
  const reports = all.map((it, at) => {
    const server: Pick<ServerReport, 'lsn' | 'timeline' | 'historyHash'> = {
      lsn: formatLsn(BigInt(it.lsn) as Lsn),
      ...branchOf(it),
    };
    return { node: nameOf(at), priority: it.priority, server } as unknown as NodeReport;
  });
  const { timeline, historyHash } = branchOf(own);
  return bestCandidate({
    ...base,
    self: nameOf(index),
    priority: own.priority,
    server: {
      ...base.server,
      receiveLsn: known(BigInt(own.lsn) as Lsn),
      timeline: known(timeline),
      historyHash: known(historyHash),
    },
    rivals: known(reports.filter((_, at) => at !== index)),
  }).state;
}

/** Of those on the last primary's history. */
function eligibleStates(all: readonly Standby[]): readonly string[] {
  return all.flatMap((it, index) => (it.branch === 0 ? [stateOf(all, index)] : []));
}

test('exactly one standby on the last primary’s history is the best of those on it', () => {
  fc.assert(
    fc.property(fc.array(standby, { minLength: 2, maxLength: 5 }), (all) => {
      const eligible = eligibleStates(all);
      expect(eligible.filter((it) => it === 'pass')).toHaveLength(eligible.length === 0 ? 0 : 1);
      expect(eligible).not.toContain('unknown');
    }),
  );
});

test('how far a discarded branch was written changes nothing for those on the last primary’s', () => {
  fc.assert(
    fc.property(
      fc.array(standby, { minLength: 2, maxLength: 5 }),
      fc.integer({ min: 0, max: 0x6000000 }),
      (all, lsn) => {
        const moved = all.map((it) => (it.branch === 0 ? it : { ...it, lsn }));
        expect(eligibleStates(moved)).toEqual(eligibleStates(all));
      },
    ),
  );
});

test('who is on another history is never the best beside one who is on the last primary’s', () => {
  fc.assert(
    fc.property(fc.array(standby, { minLength: 2, maxLength: 5 }), (all) => {
      fc.pre(all.some((it) => it.branch === 0));
      const others = all.flatMap((it, index) => (it.branch === 0 ? [] : [stateOf(all, index)]));
      expect(others.filter((it) => it !== 'fail')).toEqual([]);
    }),
  );
});
