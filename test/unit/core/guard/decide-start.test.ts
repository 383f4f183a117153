/** How a server may be started, row by row of checks.md section 3. */
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
import type { FenceMarker } from '../../../../src/core/model/fence-marker.ts';
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

function expectDecision(change: Change, [kind, code, exitCode]: Expected): StartDecision {
  const decision = decideStart(startSnapshot(change));
  expect([decision.action.kind, decision.code, decision.exitCode]).toEqual([kind, code, exitCode]);
  expect(decision.checks.map((it) => it.id)).toEqual(Array.from({ length: 16 }, (_, index) => `U${index}`));
  return decision;
}

function marker(reason: string): Change {
  const value: Omit<FenceMarker, 'fenceNumber' | 'setAt'> = { state: 'fenced', reason, remediation: null };
  return { fence: known(value as FenceMarker) };
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

const ROWS: readonly (readonly [string, Change, Expected])[] = [
  [
    'U0: a server that runs is only reported',
    { server: known({ role: 'standby', processes: 6 }) },
    ['report', 'already-running', 0],
  ],
  [
    'U0: processes without a postmaster are for a person',
    { server: known({ role: 'unknown', processes: 2 }) },
    ['refuse', 'server-unclear', 13],
  ],
  [
    'U0: processes that cannot be seen refuse',
    { server: unknown('hidden') },
    ['refuse', 'server-unclear', 10],
  ],
  [
    'a node that was not adopted is started by whoever did before',
    { adopted: known(false) },
    ['refuse', 'not-adopted', 10],
  ],
  ['an adoption that cannot be read refuses', { adopted: unknown('cut off') }, ['refuse', 'not-adopted', 10]],
  ['U1: the VIP still here refuses', { vipHere: known(true) }, ['refuse', 'vip-here', 10]],
  ['U1: addresses that cannot be read refuse', { vipHere: unknown('no answer') }, ['refuse', 'vip-here', 10]],
  ['U2: a fence of the responder refuses', marker('dual-primary'), ['refuse', 'fenced', 10]],
  ['U2: a marker that cannot be read refuses', { fence: unknown('cut off') }, ['refuse', 'fenced', 10]],
  [
    'U2: the loss of a lease does not forbid a standby',
    marker('lease-lost'),
    ['start-and-promote', 'last-holder', 0],
  ],
  ['U2: a planned stop ends with the start', marker('stopped'), ['start-and-promote', 'last-holder', 0]],
  [
    'U3: a rejoin that stands half done refuses',
    { rejoin: known({ phase: 'rewinding', survivor: 'pg2', startedAt: 0 } as never) },
    ['refuse', 'rejoin-interrupted', 12],
  ],
  [
    'U3: a rejoin that only counted does not',
    { rejoin: known({ phase: 'accounted', survivor: 'pg2', startedAt: 0 } as never) },
    ['start-and-promote', 'last-holder', 0],
  ],
  [
    'U3: a manifest that cannot be read refuses',
    { rejoin: unknown('cut off') },
    ['refuse', 'rejoin-interrupted', 13],
  ],
  [
    'U4: a foreign data directory refuses',
    { systemIdentifier: '7000000000000000009' as never },
    ['refuse', 'data-directory-wrong', 13],
  ],
  [
    'U4: a data directory of another user refuses',
    data({ defect: 'it belongs to root' }),
    ['refuse', 'data-directory-wrong', 13],
  ],
  [
    'U4: a control file that cannot be read refuses',
    { data: unknown('cut off') },
    ['refuse', 'data-directory-wrong', 13],
  ],
  [
    'U5: another way to start it is only said',
    { otherStarts: known(['postgresql@15-main.service']) },
    ['start-and-promote', 'last-holder', 0],
  ],
  [
    'U6: a voter that could not be asked makes it a standby',
    { peers: peerOf({ pg2: peer('down'), w1: { vote: unknown('no way'), server: null } }) },
    ['start-standby', 'not-all-seen', 14],
  ],
  [
    'U9a: all its WAL is the primary’s',
    {
      ...beside({ role: 'primary', ...NEW_BRANCH, lsn: known(parseLsn('0/4000000')) }, THEIRS),
      ...data({ endLsn: known(parseLsn('0/3000000')) }),
    },
    ['join', 'primary-elsewhere', 0],
  ],
  [
    'U12: no majority answers',
    { peers: peerOf({ pg2: SILENT_PEER, w1: { vote: known('silent'), server: null } }) },
    ['start-standby', 'no-majority', 14],
  ],
  ['U12: its own vote cannot be read', { ownVote: unknown('cut off') }, ['start-standby', 'no-majority', 14]],
  ['U10: the last holder, and everybody answers', {}, ['start-and-promote', 'last-holder', 0]],
  [
    'U10: nobody ever held a lease',
    {
      ownVote: known(voteOf(0, null)),
      peers: peerOf({ pg2: peer('down', voteOf(0, null)), w1: witness(voteOf(0, null)) }),
    },
    ['start-standby', 'was-standby', 0],
  ],
  [
    'U10: another standby has more WAL',
    { peers: peerOf({ pg2: peer('standby', MINE, '0/9000000'), w1: witness(MINE) }) },
    ['start-standby', 'peer-ahead', 14],
  ],
  [
    'U10: how far another standby came is not known',
    { peers: peerOf({ pg2: peer('standby', MINE, null), w1: witness(MINE) }) },
    ['start-standby', 'peer-ahead', 14],
  ],
  [
    'U10: what another server is was not seen',
    { peers: peerOf({ pg2: { vote: known(MINE), server: unknown('rejected') }, w1: witness(MINE) }) },
    ['start-standby', 'not-all-seen', 14],
  ],
  [
    'U11: a majority with it, the other host silent',
    { peers: peerOf({ pg2: SILENT_PEER, w1: witness(MINE) }) },
    ['start-and-promote', 'last-holder', 0],
  ],
  [
    'U11: one of the majority knows a newer epoch',
    { peers: peerOf({ pg2: SILENT_PEER, w1: witness(THEIRS) }) },
    ['start-standby', 'was-standby', 0],
  ],
  [
    'U13: a standby comes back as a standby',
    { ownVote: known(THEIRS), peers: peerOf({ pg2: peer('down', THEIRS), w1: witness(THEIRS) }) },
    ['start-standby', 'was-standby', 0],
  ],
  [
    'U13: a successor that was named may promote',
    {
      ownVote: known(voteOf(6, 'pg2', 'pg1')),
      peers: peerOf({ pg2: peer('down', voteOf(6, 'pg2', 'pg1')), w1: witness(THEIRS) }),
    },
    ['start-and-promote', 'last-holder', 0],
  ],
  ['no agent that could claim', { agentActs: false }, ['start-standby', 'no-agent', 0]],
];

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

test.each(ROWS)('%s', (_title, change, expected) => {
  expect(expectDecision(change, expected).reason).not.toBe('');
});
