/** The order in which a pair, or three nodes, are handed over and given back: what nobody said permits nothing. */
import { expect, test } from 'vitest';
import {
  adoptionNext,
  adoptionRefusal,
  giveBackRefusal,
  type NodeStanding,
} from '../../../../src/core/guard/adoption-order.ts';

const standing = (name: string, known: Partial<NodeStanding> = {}): NodeStanding => ({
  name,
  answered: true,
  role: 'standby',
  adopted: false,
  prepared: false,
  holdsLease: false,
  holdsVip: false,
  ...known,
});
const silent = (name: string): NodeStanding => standing(name, { answered: false, role: 'unknown' });
const pg1 = standing('pg1', { role: 'primary', holdsVip: true });
const primary = { role: 'primary', adopted: false, takesOver: true } as const;
const standby = { role: 'standby', adopted: false, takesOver: true } as const;

test('the primary\u2019s keepalived waits for every standby\u2019s, the silent one included', () => {
  const others = [standing('pg2'), standing('pg3', { prepared: true }), silent('pg4')];
  expect(adoptionRefusal(primary, others)).toBe(
    'keepalived of pg2 and pg4 (whose agent gives no answer) may still take the VIP; run "primacy adopt --prepare" there first',
  );
  expect(adoptionRefusal({ ...primary, takesOver: false }, others)).toBeNull();
  expect(adoptionRefusal(primary, [standing('pg2', { prepared: true })])).toBeNull();
});

test('a standby waits for the lease, and an adopted one may be mended without it', () => {
  expect(adoptionRefusal(standby, [pg1, silent('pg3')])).toContain('run "primacy adopt" on pg1 first');
  expect(adoptionRefusal(standby, [silent('pg1')])).toContain('on the primary first');
  expect(adoptionRefusal(standby, [{ ...pg1, holdsLease: true }])).toBeNull();
  expect(adoptionRefusal({ ...standby, adopted: true }, [pg1])).toBeNull();
});

test('what is left is told in order', () => {
  expect(adoptionNext([pg1, standing('pg2'), silent('pg3')])).toEqual([
    'pg3: start the agent',
    'pg2: primacy adopt --prepare',
    'pg1: primacy adopt',
    'pg2: primacy adopt',
  ]);
  const adopted = { adopted: true, prepared: true };
  expect(adoptionNext([{ ...pg1, ...adopted }, standing('pg2', { prepared: true })])).toEqual([
    'pg2: primacy adopt',
  ]);
  expect(adoptionNext([{ ...pg1, adopted: true }, standing('pg2', adopted)])).toEqual([
    'pg1: keepalived has not Primacy\u2019s configuration yet; primacy adopt'.replace('\u2019', "'"),
  ]);
  expect(adoptionNext([{ ...pg1, ...adopted }, standing('pg2', adopted)])).toEqual([]);
});

test('a standby\u2019s keepalived goes back once the VIP is seen under another one than ours', () => {
  expect(giveBackRefusal([{ ...pg1, prepared: true }])).toContain('pg1 has the VIP and its keepalived has');
  expect(giveBackRefusal([silent('pg1'), standing('pg3')])).toBe('no other node is seen to have the VIP');
  expect(giveBackRefusal([pg1, standing('pg3', { prepared: true })])).toBeNull();
});
