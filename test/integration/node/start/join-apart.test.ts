/** The agent's child process: its task and its answer make the way there and back, errors included. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pathsBelow } from '../../../../src/config/paths.ts';
import { configSchema } from '../../../../src/config/schema.ts';
import type { NodeName } from '../../../../src/core/model/names.ts';
import type { Identity } from '../../../../src/node/identify.ts';
import { followApart, joinApart } from '../../../../src/node/start/join-apart.ts';

let directory: string;
let identity: Identity;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'primacy-apart-'));
  await writeFile(join(directory, 'password'), 'secret\n');
  const [cluster] = configSchema.parse({
    clusters: [
      {
        name: 'test',
        vip: '192.0.2.1/24',
        interface: 'lo',
        vrid: 1,
        nodes: [
          { name: 'pg1', addresses: ['127.0.0.1'] },
          { name: 'pg2', addresses: ['127.0.0.1'] },
        ],
        postgres: { port: 1, passwordFile: join(directory, 'password') },
      },
    ],
  }).clusters;
  const node = cluster?.nodes[0];
  if (cluster === undefined || node === undefined) throw new Error('no cluster');
  identity = { cluster, node };
});
afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
});

test('an outcome comes back as a value, and what was thrown is thrown again with its code', async () => {
  const paths = pathsBelow(directory, directory);
  const holder = 'pg2' as NodeName;
  expect(await joinApart(identity, paths, holder, 'observe')).toMatchObject({
    kind: 'refused',
    code: 'policy-observes',
  });
  await expect(followApart(identity, paths, holder)).rejects.toMatchObject({
    code: 'unreachable',
    retryable: true,
    message: expect.stringContaining('cannot follow pg2'),
  });
});
