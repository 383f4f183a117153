/** A command asks the voters without an agent of its own node, by real datagrams, and through the agent's socket where one answers. */
import { createServer } from 'node:http';
import { join } from 'node:path';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { known, unknown } from '../../../../src/core/model/known.ts';
import type { RunningLeaseService } from '../../../../src/node/lease/lease-service.ts';
import { askVoters, type AskContext } from '../../../../src/node/start/ask-voters.ts';
import { votersDocument } from '../../../../src/node/start/voters.ts';
import { bootMillis, systemClock } from '../../../../src/world/clock.ts';
import { createLeaseTrio, type LeaseTrio } from '../../../support/lease-trio.ts';

let trio: LeaseTrio;
let pg2: RunningLeaseService;
let witness: RunningLeaseService;
let context: AskContext;
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'primacy-ask-'));
  trio = await createLeaseTrio(18_737);
  [pg2, witness] = await Promise.all([trio.start('pg2'), trio.start('witness')]);
  const [node] = trio.cluster.nodes;
  if (node === undefined) throw new Error('no node');
  const paths = { vote: trio.pathsOf('pg1').vote, agentSocket: join(directory, 'agent.sock') };
  context = { cluster: trio.cluster, node, clock: systemClock, paths };
});
afterAll(async () => {
  await trio.remove();
  await rm(directory, { recursive: true });
});

const ask = () => askVoters(context, [trio.addressOf('pg1')]);

test('each voter tells what it stands by, and one that is off is silent, which is not unknown', async () => {
  const lease = await pg2.claim(5_000, true);
  expect(lease).toMatchObject({ holder: 'pg2' });
  const { own, peers } = await ask();
  expect(own).toEqual(known({ lease: null, transferredTo: null }));
  expect(peers.get('pg2' as never)?.vote).toEqual(known({ lease, transferredTo: null }));
  expect(peers.get('witness' as never)?.vote).toEqual(known({ lease, transferredTo: null }));
  await trio.end(pg2);
  const after = await ask();
  expect(after.peers.get('pg2' as never)?.vote).toEqual(known('silent'));
});

test('where an agent has the port and does not answer, nothing rests on silence', async () => {
  const pg1 = await trio.start('pg1');
  const { peers } = await ask();
  for (const answer of peers.values()) expect(answer.vote.kind).toBe('unknown');
  await trio.end(pg1);
});

test('an agent that answers on its socket is asked instead', async () => {
  const server = createServer((request, response) => {
    const document = votersDocument(witness, bootMillis(), 60_000);
    response.end(request.url === '/voters' ? JSON.stringify(document) : '');
  });
  await new Promise<void>((resolve) => {
    server.listen(context.paths.agentSocket, resolve);
  });
  const { own, peers } = await ask();
  server.close();
  expect(own).toMatchObject({ value: { lease: { holder: 'pg2' } } });
  expect(peers.get('pg2' as never)?.vote).toMatchObject({ value: { lease: { holder: 'pg2' } } });
});

test('a vote memory that cannot be read is unknown', async () => {
  const broken = { ...context, paths: { ...context.paths, vote: directory } };
  expect((await askVoters(broken, [trio.addressOf('pg1')])).own).toMatchObject({ kind: unknown('').kind });
});
