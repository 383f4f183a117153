/** Every way in which two histories can stand to each other, and what is said of it. */
import { expect, test } from 'vitest';
import {
  describeDivergence,
  judgeDivergence,
  type ServerHistory,
} from '../../../../src/core/divergence/judge-divergence.ts';
import { parseLsn } from '../../../../src/core/model/lsn.ts';
import type { SystemIdentifier } from '../../../../src/core/model/names.ts';
import { parseHistory, parseTimelineId } from '../../../../src/core/model/timeline.ts';

/** `server(2, '1 0/300', '0/500')`: on timeline 2, which left 1 at 0/300, with WAL up to 0/500. */
function server(
  timeline: number,
  history: string,
  end: string,
  beginning: string | null = null,
): ServerHistory {
  return {
    systemIdentifier: '7300000000000000001' as SystemIdentifier,
    branch: { timeline: parseTimelineId(timeline), history: parseHistory(history.replaceAll(';', '\n')) },
    endLsn: parseLsn(end),
    beginning,
  };
}

const cases: readonly [string, ServerHistory, ServerHistory, object][] = [
  [
    'a follower of the old timeline that stopped before the fork is behind, whatever its number',
    server(1, '', '0/2F0'),
    server(2, '1 0/300', '0/900'),
    { kind: 'behind', ancestor: 1, at: 0x300n },
  ],
  [
    'a server that ended exactly at the fork is behind',
    server(1, '', '0/300'),
    server(2, '1 0/300', '0/900'),
    { kind: 'behind', ancestor: 1, at: 0x300n },
  ],
  [
    'an old primary that wrote past the promotion is left behind',
    server(1, '', '0/310'),
    server(2, '1 0/300', '0/900'),
    { kind: 'forked', shape: 'left-behind', ancestor: 1, at: 0x300n },
  ],
  [
    'a writer on a grandparent timeline is left behind at the first promotion',
    server(1, '', '0/310'),
    server(3, '1 0/300;2 0/500', '0/900'),
    { kind: 'forked', shape: 'left-behind', ancestor: 1, at: 0x300n },
  ],
  [
    'two promotions at different positions to the same number part at the earlier',
    server(2, '1 0/300', '0/900'),
    server(2, '1 0/500', '0/900'),
    { kind: 'forked', shape: 'same-number', ancestor: 1, at: 0x300n },
  ],
  [
    'two promotions at one position to the same number are told apart by how the timeline begins',
    server(2, '1 0/300', '0/900', 'aaaa'),
    server(2, '1 0/300', '0/900', 'bbbb'),
    { kind: 'forked', shape: 'same-switch-point', ancestor: 1, at: 0x300n },
  ],
  [
    'two promotions to different numbers part where they left the common timeline',
    server(2, '1 0/300', '0/900'),
    server(3, '1 0/300', '0/900'),
    { kind: 'forked', shape: 'different-numbers', ancestor: 1, at: 0x300n },
  ],
  [
    'branches of a common parent that is not the first timeline part on that parent',
    server(4, '1 0/300;2 0/500', '0/900'),
    server(3, '1 0/300;2 0/400', '0/900'),
    { kind: 'forked', shape: 'different-numbers', ancestor: 2, at: 0x400n },
  ],
  [
    'equal histories with the same beginning are undecided: two may write on one timeline without a promotion',
    server(2, '1 0/300', '0/900', 'aaaa'),
    server(2, '1 0/300', '0/700', 'aaaa'),
    { kind: 'undecided', sameBeginning: true, begin: 0x300n },
  ],
  [
    'equal histories whose beginning was not seen prove even less',
    server(2, '1 0/300', '0/900', 'aaaa'),
    server(2, '1 0/300', '0/700'),
    { kind: 'undecided', sameBeginning: false, begin: 0x300n },
  ],
];

test.each(cases)('%s', (_title, own, theirs, expected) => {
  expect(judgeDivergence(own, theirs)).toEqual(expected);
});

test.each(cases)('the other way round: %s', (_title, own, theirs, expected) => {
  const mirrored =
    'kind' in expected && expected.kind === 'behind' ? { ...expected, kind: 'ahead' } : expected;
  const bothAtTheFork = own.endLsn === theirs.endLsn && mirrored !== expected;
  expect(bothAtTheFork).toBe(false);
  expect(judgeDivergence(theirs, own)).toEqual(mirrored);
});

test('a node of another initdb is foreign, even with equal timelines and positions', () => {
  const own = server(2, '1 0/300', '0/900', 'aaaa');
  const theirs = { ...own, systemIdentifier: '7300000000000000002' as SystemIdentifier };
  expect(judgeDivergence(own, theirs)).toEqual({
    kind: 'foreign-system',
    own: '7300000000000000001',
    theirs: '7300000000000000002',
  });
});

test('each answer is one sentence with position and common timeline', () => {
  const fork = judgeDivergence(server(2, '1 0/300', '0/900'), server(2, '1 0/500', '0/900'));
  expect(describeDivergence(fork)).toBe(
    'parted at 0/300 on timeline 1: both count the same timeline, begun at different positions',
  );
  const behind = judgeDivergence(server(1, '', '0/2F0'), server(2, '1 0/300', '0/900'));
  expect(describeDivergence(behind)).toBe('one history, common up to 0/300 on timeline 1');
});
