/** Nodes agree by a digest of what they must agree on, and of nothing else. */
import { expect, test } from 'vitest';
import { configSchema, type ClusterConfig } from '../../../../src/config/schema.ts';
import { leaseConfigOf } from '../../../../src/node/lease/lease-config.ts';

const NODES = [
  { name: 'pg1', addresses: ['10.0.0.1', '10.0.1.1'] },
  { name: 'pg2', addresses: ['10.0.0.2'], priority: 90 },
  { name: 'witness', kind: 'witness', addresses: ['10.0.0.3'] },
];

function clusterWith(values: Readonly<Record<string, unknown>>): ClusterConfig {
  const given = { name: 'main', vip: '10.0.0.100/24', interface: 'eth0', vrid: 1, nodes: NODES, ...values };
  return configSchema.parse({ clusters: [given] }).clusters[0]!;
}

const configWith = (values: Readonly<Record<string, unknown>>, node = 0) => {
  const cluster = clusterWith(values);
  return leaseConfigOf(cluster, cluster.nodes[node]!);
};
const standard = configWith({}).digest;

test('every configured node votes, durations are milliseconds', () => {
  expect(configWith({}, 1)).toMatchObject({
    self: 'pg2',
    voters: ['pg1', 'pg2', 'witness'],
    renewMs: 250,
    leaseMs: 1_600,
    waitMs: 2_700,
  });
});

test('the same on every node, in any order, and without regard to what the lease does not rest on', () => {
  expect(configWith({}, 2).digest).toBe(standard);
  expect(configWith({ nodes: NODES.toReversed() }).digest).toBe(standard);
  const [first, ...others] = NODES;
  const turned = { ...first, addresses: first!.addresses.toReversed(), priority: 200 };
  expect(configWith({ nodes: [turned, ...others] }).digest).toBe(standard);
  expect(configWith({ timings: { startSeconds: 120 } }).digest).toBe(standard);
});

test.each(
  Object.entries({
    renewSeconds: 0.2,
    leaseSeconds: 1.5,
    clockDriftPercent: 0.5,
    deadManSeconds: 0.1,
    killSeconds: 0.3,
    marginSeconds: 0.3,
    promotionWaitSeconds: 5,
  }),
)('another one with another %s', (name, value) => {
  expect(configWith({ timings: { [name]: value } }).digest).not.toBe(standard);
});

test('another one with another voter or another address', () => {
  expect(configWith({ nodes: NODES.slice(0, 2) }).digest).not.toBe(standard);
  const [first, ...others] = NODES;
  expect(configWith({ nodes: [{ ...first, addresses: ['10.0.0.1'] }, ...others] }).digest).not.toBe(standard);
});
