/** A standby has every acknowledged commit only where its place in the set, and the others in it, prove it. */
import { describe, expect, test } from 'vitest';
import {
  judgeGap,
  judgeSynchronous,
  type SynchronousEvidence,
  type SynchronousStandby,
} from '../../../../src/core/guard/judge-synchronous.ts';
import { known, unknown } from '../../../../src/core/model/known.ts';
import { parseLsn } from '../../../../src/core/model/lsn.ts';
import type { NodeName } from '../../../../src/core/model/names.ts';

const standby = (name: string, lsn: string | null = '0/3000000', streamsAs: string | null = name) => ({
  node: name as NodeName,
  streamsAs,
  lsn: lsn === null ? null : parseLsn(lsn),
});

function evidence(
  names: string,
  heard: readonly SynchronousStandby[] = [],
  changes: Partial<SynchronousEvidence> & { readonly degraded?: boolean; readonly strangers?: number } = {},
): SynchronousEvidence {
  const { degraded = false, strangers = 0, ...rest } = changes;
  const word = known({ names, degraded, strangers });
  return { primary: 'pg1' as NodeName, word, self: standby('pg2'), heard, standbys: 1, ...rest };
}

const state = (it: SynchronousEvidence): string => judgeSynchronous(it).state;

describe('with one standby', () => {
  test.each(['pg2', '*', 'FIRST 1 (PG2)', 'ANY 1 (pg2)', ''])('it passes in %j', (names) => {
    expect(state(evidence(names))).toBe('pass');
  });

  test('it fails outside the set, and where the primary acknowledged without it', () => {
    expect(state(evidence('pg3'))).toBe('fail');
    expect(state(evidence('pg2', [], { degraded: true }))).toBe('fail');
  });

  test.each([
    ['the word', evidence('', [], { word: unknown('not told') })],
    ['the setting', evidence('FIRST 1 (')],
    ['its own name', evidence('pg2', [], { self: standby('pg2', '0/3000000', null) })],
    ['its own position', evidence('pg2', [], { self: standby('pg2', null) })],
  ])('%s unknown is no pass', (_, it) => {
    expect(state(it)).toBe('unknown');
  });

  test('a stranger that was synchronous may have what it has not', () => {
    expect(state(evidence('*', [], { strangers: 1 }))).toBe('fail');
    expect(state(evidence('pg2', [], { strangers: 1 }))).toBe('pass');
  });
});

describe('with two standbys', () => {
  const two = (names: string, ...heard: SynchronousStandby[]) => evidence(names, heard, { standbys: 2 });

  test.each(['FIRST 1 (pg2, pg3)', 'FIRST 1 (pg3, pg2)', 'ANY 1 (pg2, pg3)', 'FIRST 1 (*)', 'pg2, pg3'])(
    '%j: a commit is on either, so both must be seen, and the better one passes',
    (names) => {
      expect(state(two(names))).toBe('fail');
      expect(state(two(names, standby('pg3', null)))).toBe('fail');
      expect(state(two(names, standby('pg3')))).toBe('pass');
      expect(state(two(names, standby('pg3', '0/2FFFFFF')))).toBe('pass');
      expect(state(two(names, standby('pg3', '0/3000001')))).toBe('fail');
    },
  );

  test.each(['FIRST 2 (pg2, pg3)', 'ANY 2 (pg2, pg3)', '2 (*)'])('%j: a commit is on both', (names) => {
    expect(state(two(names))).toBe('pass');
  });

  test('one outside the set is not counted, whatever it has', () => {
    expect(state(two('FIRST 1 (pg2, pg4)', standby('pg3')))).toBe('fail');
    expect(state(two('pg2', standby('pg3', '0/9000000')))).toBe('pass');
  });

  test('two that stream under one name are two', () => {
    const both = { self: standby('pg2', '0/3000000', 'db'), standbys: 2 };
    expect(state(evidence('FIRST 1 (db, db)', [standby('pg3', '0/2000000', 'db')], both))).toBe('pass');
    expect(state(evidence('ANY 2 (db, other)', [standby('pg3', '0/2000000', 'db')], both))).toBe('pass');
    expect(state(evidence('ANY 1 (db, other)', [standby('pg3', '0/2000000', 'db')], both))).toBe('fail');
  });
});

describe('a gap that could not be fetched', () => {
  const gap = (it: SynchronousEvidence, bytes: number | null): string =>
    judgeGap({ ...it, bytes, lossBytes: 100 }).state;

  test('passes up to the limit where nothing in it was acknowledged by a set', () => {
    expect(gap(evidence(''), 100)).toBe('pass');
    expect(gap(evidence('pg2'), 100)).toBe('pass');
    expect(gap(evidence('pg3'), 0)).toBe('pass');
  });

  test('fails where it is larger, or nobody knows how large', () => {
    expect(gap(evidence(''), 101)).toBe('fail');
    expect(gap(evidence('pg2'), null)).toBe('fail');
  });

  test('fails outside the set, and where the primary acknowledged without it', () => {
    expect(gap(evidence('pg3'), 1)).toBe('fail');
    expect(gap(evidence('pg2', [], { degraded: true }), 1)).toBe('fail');
    expect(gap(evidence('', [], { word: unknown('not told') }), 1)).toBe('unknown');
  });
});
