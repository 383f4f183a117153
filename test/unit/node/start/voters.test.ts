/** What an agent tells of the voters, and how strictly it is read. */
import { expect, test } from 'vitest';
import { NO_MEMORY } from '../../../../src/core/lease/voter.ts';
import { known } from '../../../../src/core/model/known.ts';
import type { NodeName } from '../../../../src/core/model/names.ts';
import { answersOf, parseVotersDocument, votersDocument } from '../../../../src/node/start/voters.ts';

const LEASE = { epoch: 3, uuid: 'u', holder: 'pg1' as NodeName };
const REPORT = { server: { role: 'standby' }, readyToSucceed: true };

function service(sentAt: number): Parameters<typeof votersDocument>[0] {
  const view = { lease: LEASE, transferredTo: null, heardAgoMs: 1, grantableInMs: null, pause: null };
  const peer = { heardAt: 0, report: REPORT, answer: { sentAt, receivedAt: sentAt, view } };
  return {
    memory: () => ({ ...NO_MEMORY, lease: LEASE }),
    peers: () => new Map([['pg2' as NodeName, peer as never]]),
  };
}

test('a voter that answered lately is told with its vote, and one that did not is silent', () => {
  const others = ['pg2', 'witness'] as NodeName[];
  const lately = parseVotersDocument(JSON.parse(JSON.stringify(votersDocument(service(900), 1_000, 200))));
  const vote = known({ lease: LEASE, transferredTo: null });
  expect(answersOf(lately, others)).toEqual({
    own: vote,
    peers: new Map([
      ['pg2', { vote, role: 'standby', ready: true }],
      ['witness', { vote: known('silent'), role: null, ready: false }],
    ]),
  });
  expect(votersDocument(service(700), 1_000, 200).peers).toEqual([]);
});

test.each([
  ['no object', 'x'],
  ['no vote of its own', { peers: [] }],
  ['an epoch that is none', { own: { lease: { ...LEASE, epoch: '3' }, transferredTo: null }, peers: [] }],
  [
    'a role that is none',
    {
      own: { lease: null, transferredTo: null },
      peers: [{ node: 'pg2', lease: null, transferredTo: null, role: 'captain', ready: false }],
    },
  ],
])('a document with %s is refused', (_what, document) => {
  expect(() => parseVotersDocument(document)).toThrow('expected');
});
