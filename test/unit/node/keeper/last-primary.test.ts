/** What is known of the last primary is the latest that anybody heard from it, and its WAL ends where anybody saw it end. */
import { describe, expect, test } from 'vitest';
import type { OtherNode } from '../../../../src/core/guard/duty.ts';
import type { LastPrimary } from '../../../../src/core/guard/failover-snapshot.ts';
import type { NodeName } from '../../../../src/core/model/names.ts';
import type { RememberedPrimary, ServerReport } from '../../../../src/core/model/node-report.ts';
import { parseLsn } from '../../../../src/core/model/lsn.ts';
import { LastPrimaries } from '../../../../src/node/keeper/last-primary.ts';
import { leaseId, other, PG1, PG2, PG3, serverReport } from '../../../support/duty-snapshot.ts';

const WITNESS = 'witness' as NodeName;
const SILENT = { of: () => ({ look: null, answered: null, asPrimary: null }) };

function primary(lsn: string | null, names: string | null, timeline: number | null = 1): ServerReport {
  const report = serverReport('primary', lsn);
  if (report === null) throw new Error('a primary has a server');
  const synchronous = names === null ? null : { names, degraded: false, strangers: 0 };
  return { ...report, timeline, synchronous };
}

const said = (sentAt: number, server: ServerReport) => other(PG1, { server }, sentAt);
const relayed = (sentAt: number, ageMs: number, server: ServerReport, epoch = 0, node = PG1) => {
  const remembers: RememberedPrimary = { node, ageMs, server, epoch };
  return other(WITNESS, { server: null, remembers }, sentAt);
};

function take(primaries: LastPrimaries, others: readonly OtherNode[]): void {
  primaries.take(others, 10_000);
}

function last(primaries: LastPrimaries): LastPrimary {
  const seen = primaries.of(PG1, 10_000);
  if (seen.kind === 'unknown') throw new Error(seen.reason);
  return seen.value;
}

const names = (primaries: LastPrimaries): string => {
  const { synchronous } = last(primaries);
  return synchronous.kind === 'known' ? synchronous.value.names : 'unknown';
};

test('what the witness heard later than this node counts, and what it heard earlier does not', () => {
  const primaries = new LastPrimaries(SILENT);
  take(primaries, [said(5_000, primary('0/2000000', 'pg2'))]);
  expect(names(primaries)).toBe('pg2');
  take(primaries, [
    said(5_000, primary('0/2000000', 'pg2')),
    relayed(9_000, 1_000, primary('0/3000000', 'pg3')),
  ]);
  expect(names(primaries)).toBe('pg3');
  expect(last(primaries).lsn).toEqual({ kind: 'known', value: parseLsn('0/3000000') });
  take(primaries, [relayed(9_500, 9_000, primary('0/1000000', ''))]);
  expect(names(primaries)).toBe('pg3');
  expect(last(primaries).ageMs).toBe(2_000);
});

test('what others heard while this host was stopped seems older to it, and tells how far the WAL went all the same', () => {
  const primaries = new LastPrimaries(SILENT);
  take(primaries, [said(9_000, primary('0/2000000', ''))]);
  take(primaries, [relayed(9_500, 3_000, { ...primary('0/5000000', 'pg2'), heartbeat: 1_030 })]);
  expect(last(primaries).lsn).toEqual({ kind: 'known', value: parseLsn('0/5000000') });
  expect(last(primaries).heartbeat).toEqual({ kind: 'known', value: 1_030 });
  expect(last(primaries).ageMs).toBe(1_000);
  expect(names(primaries)).toBe('');
  take(primaries, [relayed(9_600, 3_000, primary('0/4000000', 'pg3', 2))]);
  expect(last(primaries).timeline).toEqual({ kind: 'known', value: 2 });
  expect(last(primaries).lsn).toEqual({ kind: 'known', value: parseLsn('0/4000000') });
  expect(names(primaries)).toBe('pg3');
  take(primaries, [relayed(9_700, 3_000, primary('0/9000000', '', 1))]);
  expect(last(primaries).lsn).toEqual({ kind: 'known', value: parseLsn('0/4000000') });
});

test('a word is as old as the request that it answers, however late it came, and one that answers nothing has no age', () => {
  const primaries = new LastPrimaries(SILENT);
  const server = primary('0/2000000', '');
  take(primaries, [{ ...said(5_000, server), heardAt: 9_900 }]);
  expect(last(primaries).ageMs).toBe(5_000);
  const unasked = primary('0/3000000', '');
  take(primaries, [
    { ...said(5_000, server), heardAt: 9_900, report: other(PG1, { server: unasked }).report },
  ]);
  expect(last(primaries).ageMs).toBe(5_000);
  expect(last(primaries).lsn).toEqual({ kind: 'known', value: parseLsn('0/2000000') });
});

test('a primary that this node never heard is known by what the witness remembers, and is not passed on', () => {
  const primaries = new LastPrimaries(SILENT);
  take(primaries, [relayed(9_000, 500, primary('0/3000000', ''))]);
  expect(last(primaries).ageMs).toBe(1_500);
  expect(primaries.remembered(10_000)).toBeNull();
  const server = primary('0/3000000', 'pg2');
  take(primaries, [said(9_500, server)]);
  expect(primaries.remembered(10_000)).toEqual({ node: PG1, ageMs: 500, server, epoch: 0 });
});

test('a word holds for its reign alone, and a report without one leaves it', () => {
  const primaries = new LastPrimaries(SILENT);
  take(primaries, [said(1_000, primary('0/2000000', 'pg2'))]);
  take(primaries, [said(2_000, primary(null, null))]);
  expect(names(primaries)).toBe('pg2');
  expect(last(primaries).lsn).toEqual({ kind: 'known', value: parseLsn('0/2000000') });
  take(primaries, [said(3_000, primary('0/4000000', null, 2))]);
  expect(names(primaries)).toBe('unknown');
  take(primaries, [said(4_000, primary('0/4000000', '', 2))]);
  expect(names(primaries)).toBe('');
});

describe('who was primary last', () => {
  const reigns = (node: NodeName, sentAt: number, epoch: number, transferredTo: NodeName | null = null) =>
    other(node, { server: primary('0/2000000', '') }, sentAt, { lease: leaseId(node, epoch), transferredTo });
  const former = (primaries: LastPrimaries, holder: NodeName | null): NodeName | null =>
    primaries.former(PG3, holder, [PG1, WITNESS], 10_000);

  test('not the one that only claimed in vain since', () => {
    const primaries = new LastPrimaries(SILENT);
    take(primaries, [reigns(PG1, 1_000, 1)]);
    expect(former(primaries, PG1)).toBe(PG1);
    take(primaries, [relayed(9_000, 500, primary('0/9000000', '', 2), 2, PG2)]);
    expect(former(primaries, PG1)).toBe(PG2);
    take(primaries, [reigns(PG1, 9_600, 3)]);
    expect(former(primaries, PG1)).toBe(PG1);
  });

  test('by its lease, not by what it heard later or promoted by hand', () => {
    const primaries = new LastPrimaries(SILENT);
    take(primaries, [reigns(PG1, 5_000, 4)]);
    take(primaries, [other(PG2, { server: primary('0/9000000', '', 7) }, 9_000)]);
    expect(former(primaries, PG1)).toBe(PG1);
    expect(former(primaries, null)).toBe(PG1);
    expect(primaries.remembered(10_000)).toMatchObject({ node: PG1, epoch: 4 });
    take(primaries, [reigns(PG2, 9_500, 9, PG1)]);
    expect(former(primaries, PG1)).toBe(PG1);
  });

  test('by the epoch in its data before all: a host that stood still asks for a higher one when it wakes', () => {
    const primaries = new LastPrimaries(SILENT);
    const woken = { server: { ...primary('0/2000000', ''), dataEpoch: 1 } };
    const successor = { ...primary('0/3000000', '', 2), dataEpoch: 2 };
    take(primaries, [
      other(PG2, { server: successor }, 5_000, { lease: leaseId(PG2, 2), transferredTo: null }),
    ]);
    take(primaries, [other(PG1, woken, 9_000, { lease: leaseId(PG1, 3), transferredTo: null })]);
    expect(former(primaries, PG1)).toBe(PG2);
    expect(primaries.remembered(10_000)).toMatchObject({ node: PG2, epoch: 2 });
  });

  test('the holder where it was never seen as one; never this node itself', () => {
    const primaries = new LastPrimaries(SILENT);
    take(primaries, [reigns(PG1, 5_000, 4), relayed(9_000, 500, primary('0/9000000', '', 2), 7, PG3)]);
    expect(former(primaries, PG3)).toBe(PG1);
    expect(former(primaries, PG2)).toBe(PG2);
    expect(former(new LastPrimaries(SILENT), null)).toBeNull();
  });
});
