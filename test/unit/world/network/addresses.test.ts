/** Reading the kernel's address lists, as a real host printed them. */
import { expect, test } from 'vitest';
import { findAddress, findInet6, isLocalInet4 } from '../../../../src/world/network/addresses.ts';

const TRIE = `Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 10.99.0.0
        /24 link UNICAST
Local:
  +-- 10.99.0.0/24 2 0 1
     |-- 10.99.0.1
        /32 host LOCAL
     |-- 10.99.0.100
        /32 host LOCAL
     |-- 10.99.0.255
        /32 link BROADCAST
`;

test.each([
  ['10.99.0.100', true],
  ['10.99.0.10', false],
  ['10.99.0.255', false],
  ['10.99.0.0', false],
])('the trie has %s as local address: %s', (address, expected) => {
  expect(isLocalInet4(TRIE, address)).toBe(expected);
});

test('if_inet6 names the interface of an address however it is written', () => {
  const table =
    'fd000000000000000000000000000064 03 40 00 80     eth0\n00000000000000000000000000000001 01 80 10 80       lo\n';
  expect(findInet6(table, 'FD00::64')).toEqual({ present: true, interface: 'eth0' });
  expect(findInet6(table, 'fd00:0:0:0:0:0:0:65')).toEqual({ present: false, interface: null });
});

test('ip -json names the interface, also where some entries are empty', () => {
  const json = '[{"ifname":"v0","addr_info":[{},{"family":"inet","local":"10.99.0.200"}]},{}]';
  expect(findAddress(json, '10.99.0.200')).toEqual({ present: true, interface: 'v0' });
  expect(findAddress(json, '10.99.0.20')).toEqual({ present: false, interface: null });
  expect(() => findAddress('no JSON', '10.99.0.20')).toThrow(SyntaxError);
});
