/** How a server may be started while another node is primary. */
import { expect, test } from 'vitest';
import { decideStart, type StartDecision } from '../../../../src/core/guard/decide-start.ts';
import type {
  DataAtStart,
  PeerAtStart,
  ServerAtStart,
  StartSnapshot,
  VoteAtStart,
} from '../../../../src/core/guard/start-snapshot.ts';
import { known, unknown } from '../../../../src/core/model/known.ts';
import { parseLsn } from '../../../../src/core/model/lsn.ts';
import { parseTimelineId } from '../../../../src/core/model/timeline.ts';
import { peerOf, serverAt, startSnapshot, voteOf, witness } from '../../../support/start-snapshot.ts';

type Change = Partial<StartSnapshot>;
type Expected = readonly [StartDecision['action']['kind'], StartDecision['code'], StartDecision['exitCode']];

function expectDecision(change: Change, [kind, code, exitCode]: Expected): StartDecision {
  const decision = decideStart(startSnapshot(change));
  expect([decision.action.kind, decision.code, decision.exitCode]).toEqual([kind, code, exitCode]);
  expect(decision.checks.map((it) => it.id)).toEqual(Array.from({ length: 16 }, (_, index) => `U${index}`));
  return decision;
}

function data(change: Partial<DataAtStart>): Change {
  const { data: normal } = startSnapshot({});
  if (normal.kind === 'unknown') throw new Error('no data');
  return { data: known({ ...normal.value, ...change }) };
}

/** pg2 as it is, beside a witness that stands by `vote`. */
function beside(server: Partial<ServerAtStart>, vote: VoteAtStart): Change {
  const pg2: PeerAtStart = { vote: known(vote), server: known(serverAt(server)) };
  return { peers: peerOf({ pg2, w1: witness(vote) }), ownVote: known(vote) };
}

const MINE = voteOf(5, 'pg1');
const THEIRS = voteOf(6, 'pg2');
const NEW_BRANCH = {
  timeline: known(parseTimelineId(2)),
  history: known('1\t0/3000000\tno recovery target specified\n'),
};

function peer(
  role: ServerAtStart['role'],
  vote: VoteAtStart = voteOf(5, 'pg1'),
  lsn: string | null = '0/2000000',
): PeerAtStart {
  return {
    vote: known(vote),
    server: known(serverAt({ role, lsn: lsn === null ? unknown('none') : known(parseLsn(lsn)) })),
  };
}

test('U7: two primaries elsewhere are not made three', () => {
  const primary = peer('primary', MINE);
  const voters = ['pg1', 'pg2', 'pg3'] as never;
  expectDecision({ voters, peers: peerOf({ pg2: primary, pg3: primary }) }, [
    'refuse',
    'dual-primary-elsewhere',
    11,
  ]);
});

test('U8: a primary of another cluster is for a person', () => {
  expectDecision(
    beside({ role: 'primary', systemIdentifier: known('7000000000000000009' as never) }, THEIRS),
    ['refuse', 'foreign-primary', 13],
  );
});

test('U9: how its data stand to the primary’s is told apart', () => {
  const theirs = { role: 'primary' as const, ...NEW_BRANCH, lsn: known(parseLsn('0/4000000')) };
  const joined = (own: string, server: Partial<ServerAtStart> = theirs): unknown =>
    decideStart(startSnapshot({ ...beside(server, THEIRS), ...data({ endLsn: known(parseLsn(own)) }) }))
      .action;
  expect(joined('0/3000000')).toEqual({ kind: 'join', holder: 'pg2', data: 'fits' });
  expect(joined('0/3000028')).toEqual({ kind: 'join', holder: 'pg2', data: 'diverged' });
  expect(joined('0/3000028', { ...theirs, history: unknown('no grant') })).toMatchObject({ data: 'unclear' });
  expect(
    joined('0/3000028', { ...theirs, timeline: known(parseTimelineId(1)), history: known('') }),
  ).toMatchObject({
    data: 'unclear',
  });
});

test('U9c: a primary elsewhere that holds no lease is for a person, and the more where this node is ahead', () => {
  const ahead = beside({ role: 'primary', ...NEW_BRANCH, lsn: known(parseLsn('0/3000000')) }, MINE);
  expectDecision({ ...ahead, ...data({ endLsn: known(parseLsn('0/3000100')) }) }, [
    'refuse',
    'ahead-of-primary',
    13,
  ]);
  expectDecision(beside({ role: 'primary', ...NEW_BRANCH, lsn: known(parseLsn('0/4000000')) }, MINE), [
    'refuse',
    'primary-is-not-holder',
    13,
  ]);
});

test('without a majority only what discards nothing joins a primary', () => {
  const silent = { vote: known('silent' as const), server: null };
  const pg2 = (own: string): Change => ({
    peers: peerOf({
      pg2: {
        vote: known('silent'),
        server: known(serverAt({ role: 'primary', ...NEW_BRANCH, lsn: known(parseLsn('0/4000000')) })),
      },
      w1: silent,
    }),
    ...data({ endLsn: known(parseLsn(own)) }),
  });
  expectDecision(pg2('0/3000000'), ['join', 'primary-elsewhere', 0]);
  expectDecision(pg2('0/3000028'), ['start-standby', 'no-majority', 14]);
});
