/** What a person's override does and does not overrule: in the agent that is asked for it, and in the keeper that acts on it. */
import { describe, expect, test } from 'vitest';
import type { CriterionCode, FailoverDecision, Way } from '../../../../src/core/guard/criterion.ts';
import { decideDuty } from '../../../../src/core/guard/decide-duty.ts';
import type { Duty } from '../../../../src/core/guard/duty.ts';
import { whyNoOverride } from '../../../../src/core/guard/judge-override.ts';
import { known, unknown } from '../../../../src/core/model/known.ts';
import {
  decision,
  holderSnapshot,
  leaseId,
  marker,
  NOW,
  other,
  PG1,
  PG2,
  serverReport,
  standbySnapshot,
  type Changes,
} from '../../../support/duty-snapshot.ts';

function notPassing(way: Way, code: CriterionCode, state: 'fail' | 'unknown' = 'fail'): FailoverDecision {
  return { way, promote: false, criteria: [{ code, state, reason: 'as seen', decisive: true }] };
}

describe('a holder under an override', () => {
  const primary = other(PG1, { server: serverReport('primary', '0/3000000') });
  const inRecovery = (code: CriterionCode, state?: 'fail' | 'unknown'): NonNullable<Changes['rest']> => ({
    failover: { 'holder-in-recovery': notPassing('holder-in-recovery', code, state) },
  });
  const recovery = { state: 'recovery', since: NOW - 100, answersInRecovery: true } as const;
  const dead = { state: 'none', since: NOW - 20 } as const;
  const rows: readonly (readonly [what: string, changes: Changes, expected: Partial<Duty>])[] = [
    ['is promoted although replay is paused', { server: recovery, rest: inRecovery('local_standby_ok') }, { kind: 'promote-here' }],
    ['is promoted although it could not serve', { server: recovery, rest: inRecovery('can_serve', 'unknown') }, { kind: 'promote-here' }],
    ['is not promoted beside a primary', { server: recovery, rest: { ...inRecovery('can_serve'), others: [primary] } }, { kind: 'wait' }],
    ['is promoted beside one that was not heard lately', { server: recovery, rest: { ...inRecovery('can_serve'), others: [{ ...primary, heardAt: NOW - 1_600 }] } }, { kind: 'promote-here' }],
    ['is not promoted beside a primary that only others see', { server: recovery, rest: inRecovery('no_other_primary') }, { kind: 'wait' }],
    ['is not promoted into somebody’s work', { server: recovery, rest: inRecovery('not_paused') }, { kind: 'wait' }],
    ['is not promoted where it is not known whether somebody is at work', { server: recovery, rest: inRecovery('not_paused', 'unknown') }, { kind: 'wait' }],
    ['is not promoted as another cluster', { server: recovery, rest: inRecovery('same_system') }, { kind: 'wait' }],
    ['is not promoted before it was judged', { server: recovery }, { kind: 'wait' }],
    ['is not promoted behind the marker of others', { server: recovery, rest: { ...inRecovery('can_serve'), marker: known(marker('operator')) } }, { kind: 'wait' }],
    ['is not promoted without its fuse', { server: recovery, rest: { ...inRecovery('can_serve'), guardsMissingSince: 0 } }, { kind: 'wait' }],
    ['is not promoted before it answers', { server: { ...recovery, answersInRecovery: false } }, { kind: 'wait' }],
    ['starts its dead server again, although a standby is ready', { server: dead }, { kind: 'step-down', successor: null }],
    ['keeps what cannot be written, although a standby is ready', { server: { cannotWriteSince: NOW - 5_000 } }, { kind: 'hold' }],
    ['serves', {}, { kind: 'hold' }],
  ]; // prettier-ignore
  test.each(rows)('%s', (_what, { server = {}, lease = {}, rest = {} }, expected) => {
    expect(decideDuty(holderSnapshot({ server, lease: { ...lease, forced: true }, rest }))).toMatchObject(
      expected,
    );
  });
});

describe('an agent that is asked for an override', () => {
  const lost = { holderHeardAt: NOW - 60_000, majoritySeen: false };
  const quiet = { others: [], failover: { silence: decision('silence', false) } };
  const whyNot = ({ server = {}, lease = {}, rest = {} }: Changes): string | null =>
    whyNoOverride(standbySnapshot({ server, lease: { ...lost, ...lease }, rest: { ...quiet, ...rest } }));

  test('takes it where the voters and the old holder are gone, whatever the criteria say', () => {
    expect(whyNot({})).toBe(null);
    expect(whyNot({ lease: { newest: null, holderHeardAt: null } })).toBe(null);
    expect(whyNot({ server: { answersInRecovery: false } })).toBe(null);
    expect(whyNot({ rest: { marker: known(marker('lease-lost')) } })).toBe(null);
    expect(
      whyNot({ lease: { newest: { lease: leaseId(PG2), transferredTo: null }, holderHeardAt: NOW } }),
    ).toBe(null);
  });

  const rows: readonly (readonly [words: string, changes: Changes])[] = [
    ['was not adopted', { rest: { adopted: known(false) } }],
    ['cannot tell whether adopted', { rest: { adopted: unknown('cut off') } }],
    ['holds the lease already', { lease: { entitledUntil: NOW + 500 } }],
    ['does not run', { server: { state: 'none' } }],
    ['is no standby (writable)', { server: { state: 'writable' } }],
    ['the fence marker stands: operator', { rest: { marker: known(marker('operator')) } }],
    ['cannot tell whether fenced', { rest: { marker: unknown('cut off') } }],
    ['the VIP is here', { rest: { vipHere: known(true) } }],
    ['cannot tell whether the VIP is here', { rest: { vipHere: unknown('no answer') } }],
    ['pg1 is primary', { rest: { others: [other(PG1, { server: serverReport('primary', null) })] } }],
    ['no_other_primary: as seen', { rest: { failover: { silence: notPassing('silence', 'no_other_primary') } } }],
    ['the criteria were not judged', { rest: { failover: {} } }],
    ['pg1 holds the lease and was heard 0.1 s ago', { lease: { holderHeardAt: NOW - 100 } }],
  ]; // prettier-ignore
  test.each(rows)('refuses: %s', (words, changes) => {
    expect(whyNot(changes)).toContain(words);
  });
});
