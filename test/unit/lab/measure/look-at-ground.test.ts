/** An address is a host's own where the kernel says so, and not where it is only a neighbour's or a network's. */
import { expect, it } from 'vitest';
import { isLocal } from '../../../../src/lab/measure/look-at-ground.ts';

const FIB_TRIE = `Local:
  +-- 10.79.0.0/24 2 0 2
     |-- 10.79.0.0
        /24 link UNICAST
     |-- 10.79.0.11
        /32 host LOCAL
     |-- 10.79.0.100
        /32 host LOCAL
     |-- 10.79.0.255
        /32 link BROADCAST
`;

it.each([
  ['10.79.0.100', true],
  ['10.79.0.11', true],
  ['10.79.0.1', false],
  ['10.79.0.0', false],
  ['10.79.0.255', false],
])('%s: %s', (address, local) => {
  expect(isLocal(FIB_TRIE, address)).toBe(local);
});
