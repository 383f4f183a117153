/** Goal: the comparison of two branches finds the fork that made them. Method: grow two branches from a common one and compare. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Branch } from '../../../../src/core/divergence/branch.ts';
import { compareBranches } from '../../../../src/core/divergence/compare-branches.ts';
import { recordEnd, WAL_PAGE_BYTES } from '../../../../src/core/divergence/wal-position.ts';
import type { Lsn } from '../../../../src/core/model/lsn.ts';
import { parseTimelineId, type HistoryEntry } from '../../../../src/core/model/timeline.ts';

const step = fc.record({
  timelines: fc.integer({ min: 1, max: 5 }),
  bytes: fc.bigInt({ min: 8n, max: 1n << 40n }),
});

/** Promotes along the steps; each skips some timeline numbers and writes some WAL. */
function grow(
  from: Branch,
  begin: Lsn,
  steps: readonly { timelines: number; bytes: bigint }[],
): { branch: Branch; end: Lsn } {
  let branch = from;
  let end = begin;
  for (const { timelines, bytes } of steps) {
    end = (end + bytes) as Lsn;
    const entry: HistoryEntry = { timeline: branch.timeline, switchLsn: end };
    branch = { timeline: parseTimelineId(branch.timeline + timelines), history: [...branch.history, entry] };
  }
  return { branch, end };
}

const ROOT: Branch = { timeline: parseTimelineId(1), history: [] };

test('two branches part exactly where the first of them left the common one', () => {
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 4 }),
      fc.array(step, { minLength: 1, maxLength: 3 }),
      fc.array(step, { maxLength: 3 }),
      (common, left, right) => {
        const trunk = grow(ROOT, 0n as Lsn, common);
        const one = grow(trunk.branch, trunk.end, left);
        // The other writes more before its first promotion, so the first leaves earlier.
        const later = right.map((it, index) => (index === 0 ? { ...it, bytes: it.bytes + (1n << 41n) } : it));
        const other = grow(trunk.branch, trunk.end, later);
        const expected = { kind: 'parted', at: trunk.end + (left[0]?.bytes ?? 0n) };
        expect(compareBranches(one.branch, other.branch)).toEqual(expected);
        expect(compareBranches(other.branch, one.branch)).toEqual(expected);
      },
    ),
  );
});

test('a branch compared with itself is the same from its last switch on', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 5 }), (steps) => {
      const { branch, end } = grow(ROOT, 0n as Lsn, steps);
      expect(compareBranches(branch, branch)).toEqual({ kind: 'same', begin: end });
    }),
  );
});

test('a record ends aligned, after its data, and never inside a page header', () => {
  const size = 16 * 1024 * 1024;
  fc.assert(
    fc.property(
      fc.bigInt({ min: 1n, max: 1n << 44n }),
      fc.integer({ min: 24, max: 1 << 20 }),
      (at, length) => {
        const within = at % WAL_PAGE_BYTES;
        const lsn = ((at - within + (within < 40n ? 40n : within)) & ~7n) as Lsn;
        const end = recordEnd(lsn, length, size);
        expect(end % 8n).toBe(0n);
        expect(end - lsn).toBeGreaterThanOrEqual(BigInt(length));
        const offset = end % WAL_PAGE_BYTES;
        expect(offset === 0n || offset > 24n).toBe(true);
      },
    ),
  );
});
