/** Other people's instances are theirs; what would move the VIP with them, or beside it, is told. */
import { expect, test } from 'vitest';
import { parseConfiguration } from '../../../../src/world/keepalived/configuration-tree.ts';
import { troubleWith } from '../../../../src/world/keepalived/foreign-parts.ts';

const OWN = { vrrpInstance: 'primacy', vip: '192.0.2.100' };
const instance = (name: string, vrid: number, rest: string): string => `vrrp_instance ${name} {
  interface eth0
  virtual_router_id ${vrid}
  virtual_ipaddress {
    ${rest}
  }
}
`;
const OURS = instance('primacy', 51, '192.0.2.100/24 dev eth0');
const trouble = (text: string): readonly string[] => troubleWith(parseConfiguration(text), OWN);

test('another instance with a read VIP of its own, also in a group without ours, is no trouble', () => {
  const read = instance('read', 52, '192.0.2.101/24 dev eth0 label eth0:read');
  const other = instance('web', 51, '192.0.2.102/24').replace('eth0\n', 'eth1\n');
  const groups =
    'vrrp_sync_group all {\n  group {\n    read\n    web\n  }\n}\nvrrp_sync_group own { group { primacy } }\n';
  expect(trouble(read + OURS + other + groups)).toEqual([]);
});

test('a configuration that does not have our instance yet is not judged', () => {
  expect(trouble(instance('read', 52, '192.0.2.100/24'))).toEqual([]);
});

test.each([
  [
    'a second address',
    instance('primacy', 51, '192.0.2.100/24\n    192.0.2.101/24'),
    'also carries 192.0.2.101',
  ],
  [
    'an excluded address',
    OURS.replace(
      'virtual_ipaddress {',
      'virtual_ipaddress_excluded {\n    2001:db8::1/64\n  }\n  virtual_ipaddress {',
    ),
    'also carries 2001:db8::1',
  ],
  [
    'the VIP in another instance',
    OURS + instance('read', 52, '192.0.2.100'),
    'vrrp_instance read carries the VIP',
  ],
  [
    'the same router',
    OURS + instance('read', 51, '192.0.2.101'),
    'vrrp_instance read has the same virtual_router_id',
  ],
  [
    'a group with others',
    `${OURS}vrrp_sync_group all {\n  group {\n    primacy\n    read\n  }\n}\n`,
    'vrrp_sync_group all ties vrrp_instance primacy to others',
  ],
])('%s is told', (_what, text, words) => {
  expect(trouble(text)).toEqual([expect.stringContaining(words)]);
});
