/** Who may reload an agent over HTTP. */
import { expect, test } from 'vitest';
import { answerReload } from '../../../src/node/reload-route.ts';

const route = {
  enabled: true,
  ask: () => Promise.resolve({ code: 'unchanged' as const, reason: 'nothing is different' }),
  state: () => ({ successful: true, succeededAt: 0 }),
};

test.each(['127.0.0.1', '::1', '::ffff:127.0.0.1'])('this host may, as %s', async (remoteAddress) => {
  const answer = await answerReload(route, { remoteAddress, fromPage: false });
  expect(answer).toEqual({ status: 200, body: 'nothing is different\n' });
});

test.each(['10.0.0.2', '::ffff:10.0.0.2', undefined])('nobody else, such as %s', async (remoteAddress) => {
  expect((await answerReload(route, { remoteAddress, fromPage: false })).status).toBe(403);
});

test('neither a page that this host looks at, nor anybody where it was not enabled', async () => {
  const here = { remoteAddress: '127.0.0.1', fromPage: false };
  expect((await answerReload(route, { ...here, fromPage: true })).status).toBe(403);
  const off = await answerReload({ ...route, enabled: false }, here);
  expect(off.body).toContain('--web.enable-lifecycle');
});
