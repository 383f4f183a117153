/** What a look at the last primary says of it: only a server that says so itself is taken for a standby. */
import { expect, test } from 'vitest';
import { reachOf, type PeerLook } from '../../../src/node/peer-look.ts';

test.each([
  ['answered', 'primary', 'answers'],
  ['answered', 'standby', 'standby'],
  ['not-now', 'starting', 'answers'],
  ['rejected', 'unknown', 'answers'],
  ['refused', 'down', 'refused'],
  ['silent', 'unknown', 'silent'],
] as const)('%s as %s: %s', (answer, role, expected) => {
  const look: PeerLook = { beganAt: 0, endedAt: 10, answer, role, detail: '' };
  expect(reachOf(look)).toBe(expected);
});
