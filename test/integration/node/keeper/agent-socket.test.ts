/** The agent's socket as commands use it: who may ask, what it takes for an override, and what it tells of one. */
import { mkdtemp, rm, stat } from 'node:fs/promises';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { NO_MEMORY } from '../../../../src/core/lease/voter.ts';
import { askAgent } from '../../../../src/node/ask-agent.ts';
import { openAgentSocket, type SocketParts } from '../../../../src/node/keeper/agent-socket.ts';
import type { PeopleRequests } from '../../../../src/node/keeper/people-requests.ts';
import type { StateDocument } from '../../../../src/node/keeper/state-document.ts';
import type { OverrideAnswer, OverrideRequest } from '../../../../src/node/keeper/take-override.ts';
import { bootMillis } from '../../../../src/world/clock.ts';

const LIMIT_MS = 5_000;
const REQUEST: OverrideRequest = { reason: 'pg1 burnt down', seconds: 600, confirm: '7', by: 'mira' };

let directory: string;
let path: string;
let server: Server | null = null;
const taken: OverrideRequest[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'primacy-socket-'));
  path = join(directory, 'agent.sock');
  taken.length = 0;
});
afterEach(async () => {
  server?.close();
  server?.closeAllConnections();
  await rm(directory, { recursive: true });
});

async function listen(override: PeopleRequests['override'] | undefined): Promise<void> {
  const record = {
    epoch: 6,
    uuid: 'u',
    untilMs: bootMillis() + 600_000,
    reason: 'pg1 burnt down',
    at: 'now',
  };
  const parts = {
    identity: { cluster: { name: 'main' }, node: { name: 'pg2', kind: 'database' } },
    lease: {
      entitledUntil: () => null,
      held: () => null,
      memory: () => NO_MEMORY,
      peers: () => new Map(),
      overrideNow: () => record,
    },
    keeper: undefined,
    promote: undefined,
    people: override && { override },
  };
  server = await openAgentSocket(path, parts as unknown as SocketParts);
}

const accept = (request: OverrideRequest): Promise<OverrideAnswer> => {
  taken.push(request);
  return Promise.resolve({ accepted: true, reason: 'taken', epoch: 6, until: 'later' });
};
const post = (document: unknown): Promise<OverrideAnswer> =>
  askAgent<OverrideAnswer>(path, 'POST', '/override', LIMIT_MS, document);

test('nobody but its owner may ask', async () => {
  await listen(accept);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

test('an override comes as one small document, and its outcome goes back', async () => {
  await listen(accept);
  expect(await post(REQUEST)).toEqual({ accepted: true, reason: 'taken', epoch: 6, until: 'later' });
  expect(taken).toEqual([REQUEST]);
});

test.each([
  ['nothing', undefined, 'cannot read the request'],
  ['something else', { reason: 'x' }, 'cannot read the override'],
  ['more than it takes', { ...REQUEST, reason: 'x'.repeat(5_000) }, 'more than 4096 characters'],
])('%s is no override, and the answer says so', async (_what, document, complaint) => {
  await listen(accept);
  await expect(post(document)).rejects.toThrow(complaint);
  expect(taken).toEqual([]);
  // It goes on answering.
  expect(await post(REQUEST)).toMatchObject({ accepted: true });
});

test.each([
  ['that fails', () => Promise.reject(new Error('cannot write the journal')), 'cannot write the journal'],
  ['on a witness', undefined, 'no such request on this node'],
])('an override %s is told in words', async (_what, override, words) => {
  await listen(override);
  await expect(post(REQUEST)).rejects.toThrow(words);
});

test('the state tells of the override in force', async () => {
  await listen(accept);
  const { lease } = await askAgent<StateDocument>(path, 'GET', '/state', LIMIT_MS);
  expect(lease.override).toMatchObject({ reason: 'pg1 burnt down', at: 'now' });
  expect(lease.override?.remainingSeconds).toBeGreaterThan(590);
});
