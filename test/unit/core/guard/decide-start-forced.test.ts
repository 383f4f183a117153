/** How a server may be started where a person overrules the voters (U14): down, or a standby that runs. */
import { describe, expect, test } from 'vitest';
import { decideStart, type StartDecision } from '../../../../src/core/guard/decide-start.ts';
import type { PeerAtStart, StartSnapshot } from '../../../../src/core/guard/start-snapshot.ts';
import type { FenceMarker } from '../../../../src/core/model/fence-marker.ts';
import { known, unknown } from '../../../../src/core/model/known.ts';
import {
  peerOf,
  serverAt,
  SILENT_PEER,
  startSnapshot,
  voteOf,
  witness,
} from '../../../support/start-snapshot.ts';

type Change = Partial<StartSnapshot>;
type Expected = readonly [StartDecision['action']['kind'], StartDecision['code'], StartDecision['exitCode']];

const FORCE = { reason: 'pg2 burnt down', confirm: '7000000000000000001', seconds: 3_600, by: 'root' };
/** Nobody else answers, and pg2 held the lease. */
const ALONE: Change = {
  force: FORCE,
  ownVote: known(voteOf(6, 'pg2')),
  peers: peerOf({ pg2: SILENT_PEER, w1: { vote: known('silent'), server: null } }),
};
const RUNNING: Change = { ...ALONE, server: known({ role: 'standby', processes: 7 }) };

function marker(reason: string): Change {
  const value: Omit<FenceMarker, 'fenceNumber' | 'setAt'> = { state: 'fenced', reason, remediation: null };
  return { fence: known(value as FenceMarker) };
}

function primary(node: string, systemIdentifier = FORCE.confirm): Change {
  const server = known(serverAt({ role: 'primary', systemIdentifier: known(systemIdentifier as never) }));
  const it: PeerAtStart = { vote: known(voteOf(6, node)), server };
  return { peers: peerOf({ [node]: it, w1: witness(voteOf(6, node)) }) };
}

const DOES: Readonly<Record<'down' | 'running', Expected>> = {
  down: ['start-and-promote', 'forced', 0],
  running: ['force-running', 'forced', 0],
};

describe.each([
  ['a server that is down', ALONE, DOES.down],
  ['a standby that runs', RUNNING, DOES.running],
])('%s', (_title, alone, does) => {
  const rows: readonly (readonly [string, Change, Expected])[] = [
    ['is forced where nobody else answers', {}, does],
    ['is forced where its own vote cannot be read', { ownVote: unknown('cut off') }, does],
    ['is forced where voters answer and no server is primary', { peers: peerOf({ pg2: { vote: known('silent'), server: known(serverAt({ role: 'standby' })) }, w1: witness(voteOf(6, 'pg2')) }) }, does],
    ['is forced where what another server is was not seen', { peers: peerOf({ pg2: { vote: unknown('no way'), server: unknown('rejected') } }) }, does],
    ['is forced after it lost its lease', marker('lease-lost'), does],
    ['is not forced with another number', { force: { ...FORCE, confirm: '7' } }, ['refuse', 'confirmation-wrong', 10]],
    ['is not forced without a reason', { force: { ...FORCE, reason: ' ' } }, ['refuse', 'confirmation-wrong', 10]],
    ['is not forced without an agent', { agentActs: false }, ['refuse', 'no-agent', 10]],
    ['is not forced beside a primary, nor joins it instead', primary('pg2'), ['refuse', 'primary-elsewhere', 10]],
    ['is not forced beside the primary of another cluster', primary('pg2', '7000000000000000009'), ['refuse', 'foreign-primary', 13]],
    ['is not forced behind a fence', marker('operator'), ['refuse', 'fenced', 10]],
    ['is not forced behind a fence that cannot be read', { fence: unknown('cut off') }, ['refuse', 'fenced', 10]],
    ['is not forced where it was not adopted', { adopted: known(false) }, ['refuse', 'not-adopted', 10]],
    ['is not forced with the VIP here', { vipHere: known(true) }, ['refuse', 'vip-here', 10]],
    ['is not forced over a rejoin that is half done', { rejoin: known({ phase: 'rewinding', survivor: 'pg2', startedAt: 0 } as never) }, ['refuse', 'rejoin-interrupted', 12]],
    ['is not forced with data that cannot be read', { data: unknown('cut off') }, ['refuse', 'data-directory-wrong', 13]],
    ['is not forced as another cluster', { systemIdentifier: '7000000000000000009' as never }, ['refuse', 'data-directory-wrong', 13]],
  ]; // prettier-ignore
  test.each(rows)('%s', (_what, change, expected) => {
    const { action, code, exitCode, checks } = decideStart(startSnapshot({ ...alone, ...change }));
    expect([action.kind, code, exitCode]).toEqual(expected);
    expect(checks.find((it) => it.id === 'U14')?.reason).toMatch(/^overruled by a person: /);
  });
});

test('what starts is to be promoted by force', () => {
  expect(decideStart(startSnapshot(ALONE)).action).toEqual({ kind: 'start-and-promote', forced: true });
});

test('two primaries elsewhere keep their own code', () => {
  const pg = { vote: known(voteOf(6, 'pg2')), server: known(serverAt({ role: 'primary' })) };
  const two = { ...ALONE, voters: ['pg1', 'pg2', 'pg3'] as never, peers: peerOf({ pg2: pg, pg3: pg }) };
  expect(decideStart(startSnapshot(two))).toMatchObject({ code: 'dual-primary-elsewhere', exitCode: 11 });
});

test('a primary that runs is only reported, and so is a standby that nobody forces', () => {
  const report = { code: 'already-running', exitCode: 0, action: { kind: 'report' } };
  const server = known({ role: 'primary' as const, processes: 9 });
  expect(decideStart(startSnapshot({ ...RUNNING, server }))).toMatchObject(report);
  expect(decideStart(startSnapshot({ ...RUNNING, force: null }))).toMatchObject(report);
});

test('the marker of a planned stop ends with a start, and not where nothing is started', () => {
  expect(decideStart(startSnapshot({ ...ALONE, ...marker('stopped') })).code).toBe('forced');
  expect(decideStart(startSnapshot({ ...RUNNING, ...marker('stopped') })).code).toBe('fenced');
});

test('processes whose role is not known are for a person, forced or not', () => {
  const server = known({ role: 'unknown' as const, processes: 2 });
  expect(decideStart(startSnapshot({ ...ALONE, server }))).toMatchObject({
    code: 'server-unclear',
    exitCode: 13,
  });
});
