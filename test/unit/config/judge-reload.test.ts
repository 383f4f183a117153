/** Which changes a running agent takes, and which would make it another node or deaf. */
import { expect, test } from 'vitest';
import { whyNotReloaded } from '../../../src/config/judge-reload.ts';
import { configSchema, type ClusterConfig, type NodeConfig } from '../../../src/config/schema.ts';

interface Identity {
  readonly cluster: ClusterConfig;
  readonly node: NodeConfig;
}

function identity(values: object = {}, nodeValues: object = {}): Identity {
  const base = { name: 'main', vip: '10.0.0.100/24', interface: 'eth0', vrid: 51 };
  const nodes = [
    { name: 'pg1', addresses: ['10.0.0.1'], ...nodeValues },
    { name: 'pg2', addresses: ['10.0.0.2'] },
  ];
  const [cluster] = configSchema.parse({ clusters: [{ ...base, nodes, ...values }] }).clusters;
  const [node] = cluster?.nodes ?? [];
  if (cluster === undefined || node === undefined) throw new Error('no cluster');
  return { cluster, node };
}

test('voters, timings, addresses and hooks may change', () => {
  const nodes = [
    { name: 'pg1', addresses: ['10.0.0.1', '10.1.0.1'] },
    { name: 'pg3', addresses: ['10.0.0.3'] },
    { name: 'witness', kind: 'witness', addresses: ['10.0.0.9'] },
  ];
  const timings = { leaseSeconds: 2, promotionWaitSeconds: 3.5 };
  expect(whyNotReloaded(identity(), identity({ nodes, timings }))).toBeNull();
});

test.each([
  [identity({ name: 'other' }), /clusters\[\]\.name is "other"/],
  [identity({ nodes: [{ name: 'pg9', addresses: ['10.0.0.1'] }] }), /the name of this node is "pg9"/],
  [identity({}, { kind: 'witness' }), /its kind is "witness"/],
  [identity({ postgres: { dataDirectory: '/srv/data' } }), /dataDirectory is "\/srv\/data"/],
  [identity({ agent: { port: 9 } }), /agent\.port is 9/],
  [identity({ agent: { voterPort: 9 } }), /agent\.voterPort is 9, and the running agent has 10189/],
  [identity({ agent: { secretFile: '/x' } }), /agent\.secretFile is "\/x"/],
])('what makes it another node or deaf is refused', (after, said) => {
  expect(whyNotReloaded(identity(), after)).toMatch(said);
});

test('a system identifier that was not known may be entered, and another one may not', () => {
  const known = identity({ systemIdentifier: '7000000000000000001' });
  expect(whyNotReloaded(identity(), known)).toBeNull();
  expect(whyNotReloaded(known, identity())).toMatch(/this cluster's is 7000000000000000001/);
});
