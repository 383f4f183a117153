/** keepalived.conf holds what the VIP's safety rests on. test/integration runs the real `keepalived -t` on it. */
import { expect, test } from 'vitest';
import { keepalivedConfiguration } from '../../../../src/config/generate/keepalived.ts';
import { configSchema } from '../../../../src/config/schema.ts';

const cluster = configSchema.parse({
  clusters: [
    {
      name: 'main',
      vip: '10.0.0.100/24',
      interface: 'eth0',
      vrid: 51,
      nodes: [
        { name: 'pg1', addresses: ['10.0.0.1', '10.1.0.1'], priority: 150 },
        { name: 'pg2', addresses: ['10.0.0.2'] },
        { name: 'w', kind: 'witness', addresses: ['10.0.0.3'] },
      ],
    },
  ],
}).clusters[0]!;
const text = keepalivedConfiguration(cluster, cluster.nodes[0]!);

test.each([
  'version 3',
  'state BACKUP',
  'nopreempt',
  'advert_int 0.05',
  'garp_master_refresh 2',
  'priority 150',
  'unicast_src_ip 10.0.0.1',
  'weight 0',
  'init_file 1 overwrite',
  'script_user root',
  'enable_script_security',
  '10.0.0.100/24 dev eth0',
])('it says %s', (line) => {
  expect(text.split('\n').map((it) => it.trim())).toContain(line);
});

test('its only peer is the other database node', () => {
  expect(/unicast_peer \{([^}]*)\}/.exec(text)?.[1]?.trim()).toBe('10.0.0.2');
});

test('gate and dead-man script have weight 0, and nothing has another', () => {
  expect(text.match(/weight .*/g)).toEqual(['weight 0', 'weight 0']);
});
