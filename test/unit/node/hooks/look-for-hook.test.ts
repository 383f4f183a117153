/** Goal: what the node knows of lease and timelines at an event. Method: memories with and without it. */
import { expect, it } from 'vitest';
import { known, unknown } from '../../../../src/core/model/known.ts';
import type { NodeName } from '../../../../src/core/model/names.ts';
import { lookForHook, type LookParts } from '../../../../src/node/hooks/look-for-hook.ts';

const PG2 = 'pg2' as NodeName;
const lease = (epoch: number, holder: string) => ({ epoch, uuid: `uuid-${epoch}`, holder });
const parts = (more: object): LookParts =>
  ({ identity: { cluster: { name: 'main' }, node: { name: 'pg1' } }, ...more }) as unknown as LookParts;

it('tells the lease that is held, else the newest that is known', () => {
  const memory = () => ({ lease: lease(7, 'pg2') });
  const peers = () => new Map([[PG2, { report: { server: { timeline: 4 } } }]]);
  const own = { lastPrimary: { timeline: known(3), lsn: 0n } };
  const held = lookForHook(parts({ lease: { held: () => lease(8, 'pg1'), memory, peers }, own }));
  expect(held).toMatchObject({ cluster: 'main', node: 'pg1', epoch: 8, holder: 'pg1', ownTimeline: 3 });
  const other = lookForHook(parts({ lease: { held: () => null, memory, peers }, own }));
  expect(other).toMatchObject({ epoch: 7, holder: 'pg2' });
  expect(other.timelineOf(PG2)).toBe(4);
});

it('tells nothing that it does not know', () => {
  const silent = { held: () => null, memory: () => ({ lease: null }), peers: () => new Map() };
  const nothing = lookForHook(parts({ lease: silent, own: { lastPrimary: null } }));
  expect(nothing).toMatchObject({ epoch: null, holder: null, ownTimeline: null });
  expect(nothing.timelineOf(PG2)).toBe(null);
  const odd = { lastPrimary: { timeline: unknown('not told'), lsn: 0n } };
  expect(lookForHook(parts({ lease: silent, own: odd })).ownTimeline).toBe(null);
});
