/**
 * Goal: less knowledge never makes a start bolder. Method: decide on a random snapshot, replace any one thing that was seen by "unknown", and
 * decide again: what was no start as primary before is none now.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decideStart } from '../../../../src/core/guard/decide-start.ts';
import type {
  PeerAtStart,
  ServerAtStart,
  StartSnapshot,
  VoteAtStart,
} from '../../../../src/core/guard/start-snapshot.ts';
import { known, unknown, type Known } from '../../../../src/core/model/known.ts';
import type { NodeName } from '../../../../src/core/model/names.ts';
import { parseLsn } from '../../../../src/core/model/lsn.ts';
import { ROLES } from '../../../../src/core/model/role.ts';
import { parseTimelineId } from '../../../../src/core/model/timeline.ts';
import { peerOf, serverAt, startSnapshot, voteOf } from '../../../support/start-snapshot.ts';

const NODES = ['pg1', 'pg2', 'pg3'];

function maybe<T>(value: fc.Arbitrary<T>): fc.Arbitrary<Known<T>> {
  return fc.oneof(
    { weight: 6, arbitrary: value.map((it) => known(it)) },
    { weight: 1, arbitrary: fc.constant(unknown('x')) },
  );
}

const lsn = fc.constantFrom('0/1000000', '0/2000000', '0/3000000').map(parseLsn);
const vote: fc.Arbitrary<VoteAtStart> = fc
  .tuple(
    fc.integer({ min: 4, max: 6 }),
    fc.constantFrom('pg1', 'pg1', 'pg2', null),
    fc.constantFrom(null, null, 'pg1'),
  )
  .map(([epoch, holder, to]) => voteOf(epoch, holder, holder === null ? null : to));
const silentOr = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | 'silent'> =>
  fc.oneof({ weight: 3, arbitrary: value }, { weight: 1, arbitrary: fc.constant('silent' as const) });

const server: fc.Arbitrary<ServerAtStart> = fc
  .record({
    role: fc.constantFrom(...ROLES),
    timeline: maybe(fc.constantFrom(1, 2).map(parseTimelineId)),
    history: maybe(fc.constantFrom('', '1\t0/2000000\tx\n')),
    lsn: maybe(lsn),
  })
  .map(serverAt);
const peer: fc.Arbitrary<PeerAtStart> = fc.record({
  vote: maybe(silentOr(vote)),
  server: fc.oneof(
    { weight: 4, arbitrary: maybe(silentOr(server)) },
    { weight: 1, arbitrary: fc.constant(null) },
  ),
});

const normal = startSnapshot({}).data;
const snapshot: fc.Arbitrary<StartSnapshot> = fc
  .record({
    server: maybe(fc.constantFrom({ role: 'down' as const, processes: 0 })),
    adopted: maybe(fc.constantFrom(true, true, false)),
    vipHere: maybe(fc.constantFrom(false, false, true)),
    fence: maybe(fc.constant(null)),
    rejoin: maybe(fc.constant(null)),
    end: maybe(lsn),
    data: fc.boolean(),
    ownVote: maybe(vote),
    pg2: peer,
    pg3: peer,
    agentActs: fc.constantFrom(true, true, false),
  })
  .map(({ pg2, pg3, end, data, ...rest }) =>
    startSnapshot({
      ...rest,
      voters: NODES as NodeName[],
      peers: peerOf({ pg2, pg3 }),
      data: data && normal.kind === 'known' ? known({ ...normal.value, endLsn: end }) : normal,
    }),
  );

/** Every snapshot that differs by one thing less seen. */
function blinder(it: StartSnapshot): readonly StartSnapshot[] {
  const nothing = unknown('not seen');
  const own = (
    ['adopted', 'server', 'vipHere', 'fence', 'rejoin', 'data', 'otherStarts', 'ownVote'] as const
  ).map((field): StartSnapshot => ({ ...it, [field]: nothing }));
  const end: StartSnapshot[] =
    it.data.kind === 'known' ? [{ ...it, data: known({ ...it.data.value, endLsn: nothing }) }] : [];
  const peers = [...it.peers].flatMap(([name, before]) =>
    blinderPeers(before).map((after): StartSnapshot => ({
      ...it,
      peers: new Map(it.peers).set(name, after),
    })),
  );
  return [...own, ...end, ...peers];
}

function blinderPeers(it: PeerAtStart): readonly PeerAtStart[] {
  const nothing = unknown('not seen');
  const less: PeerAtStart[] = [{ ...it, vote: nothing }];
  if (it.server === null) return less;
  less.push({ ...it, server: nothing });
  if (it.server.kind === 'unknown' || it.server.value === 'silent') return less;
  const seen = it.server.value;
  for (const change of [
    { role: 'unknown' as const },
    { timeline: nothing },
    { history: nothing },
    { lsn: nothing },
    { systemIdentifier: nothing },
  ])
    less.push({ ...it, server: known({ ...seen, ...change }) });
  return less;
}

test('what is not seen never leads to a start as primary', () => {
  const isBold = (it: StartSnapshot): boolean => decideStart(it).action.kind === 'start-and-promote';
  let bold = 0;
  fc.assert(
    fc.property(snapshot, (it) => {
      if (isBold(it)) bold += 1;
      expect(isBold(it) ? [] : blinder(it).filter(isBold)).toEqual([]);
    }),
    { numRuns: 1_000 },
  );
  // The snapshots would prove nothing if none of them were promising.
  expect(bold).toBeGreaterThan(10);
});
