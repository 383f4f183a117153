/** What the last primary may have written unheard is judged by who can have kept its lease alive, and never guessed to be little. */
import { expect, test } from 'vitest';
import { known, unknown } from '../../../../src/core/model/known.ts';
import type { NodeName } from '../../../../src/core/model/names.ts';
import { unheardFor } from '../../../../src/node/keeper/unheard-primary.ts';
import type { LeaseService } from '../../../../src/node/lease/lease-service.ts';
import { leaseId, NOW, PG1, PG2, PG3 } from '../../../support/duty-snapshot.ts';
import { peer, service, view } from '../../../support/lease-views.ts';

const [PG4, PG5] = ['pg4', 'pg5'] as [NodeName, NodeName];
const THREE = [PG1, PG2, PG3];

/** pg2 asks how long it did not hear pg1. */
function unheard(
  lease: LeaseService,
  ageMs: number,
  voters: readonly NodeName[] = THREE,
  node: NodeName = PG1,
): number {
  return unheardFor(known({ node, ageMs }), lease, { self: PG2, voters, now: NOW, freshMs: 1_500 });
}

/** Of a voter that answered 40 ms ago. */
const heardBy = (node: NodeName, agoMs: number | null) => peer(node, view({ heardAgoMs: agoMs }));
const own = (agoMs: number | null) => view({ heardAgoMs: agoMs });

test('it is the time from its last word as a primary to the newest that another voter heard', () => {
  expect(unheard(service(own(30_000), [heardBy(PG3, 5_000)]), 30_000)).toBe(30_000 - 5_000 - 40);
});

test('it is nothing where this node knows of it to the end', () => {
  expect(unheard(service(own(3_000), [heardBy(PG3, 3_000)]), 3_000)).toBe(0);
});

test('it is less by what others remember of its words', () => {
  expect(unheard(service(own(30_000), [heardBy(PG3, 5_000)]), 6_000)).toBe(6_000 - 5_000 - 40);
});

test('what it says when it is back as something else shortens nothing', () => {
  const back = peer(PG1, view({ heardAgoMs: null }));
  expect(unheard(service(own(100), [back, heardBy(PG3, 5_000)]), 60_000)).toBe(60_000 - 100);
});

test.each([
  ['was restarted', [heardBy(PG3, null)]],
  ['has forgotten all', [peer(PG3, view({ lease: null, heardAgoMs: null }))]],
  ['does not answer', []],
  ['answered too long ago', [peer(PG3, view({ heardAgoMs: 25_000 }), 2_000)]],
])('a voter that %s may have heard it until now', (_what, peers) => {
  expect(unheard(service(own(24_000), peers), 24_000)).toBe(24_000);
});

test('a voter that never granted the lease has not kept it alive', () => {
  const elsewhere = peer(PG3, view({ lease: leaseId(PG1, 2), heardAgoMs: 10 }));
  expect(unheard(service(own(24_000), [elsewhere]), 24_000)).toBe(0);
});

test('of five voters two others must have heard it', () => {
  const five = [...THREE, PG4, PG5];
  const peers = [heardBy(PG3, 1_000), heardBy(PG4, 20_000), heardBy(PG5, 24_000)];
  expect(unheard(service(own(24_000), peers), 24_000, five)).toBe(24_000 - 20_000 - 40);
});

test('of two voters the holder needs nobody', () => {
  expect(unheard(service(own(24_000), []), 24_000, [PG1, PG2])).toBe(24_000);
});

test('it is not asked of a node that does not hold the newest lease, nor of nobody', () => {
  const lease = service(own(30_000), [heardBy(PG3, 5_000)]);
  expect(unheard(lease, 60_000, THREE, PG2)).toBe(0);
  const listener = { self: PG2, voters: THREE, now: NOW, freshMs: 1_500 };
  expect(unheardFor(unknown('no primary was seen'), lease, listener)).toBe(0);
});
