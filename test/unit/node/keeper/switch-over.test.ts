/** What the agent takes for a request to change roles. */
import { expect, test } from 'vitest';
import { parseSwitchoverRequest } from '../../../../src/node/keeper/switch-over.ts';

test('a name, or none', () => {
  expect(parseSwitchoverRequest({ to: 'pg2' })).toEqual({ to: 'pg2' });
  expect(parseSwitchoverRequest({ to: null })).toEqual({ to: null });
});

test.each([
  ['nothing', null],
  ['a text', 'pg2'],
  ['a number for a name', { to: 2 }],
  ['no name at all', {}],
])('%s is refused in words', (_what, document) => {
  expect(() => parseSwitchoverRequest(document)).toThrow('cannot read the switchover');
});
