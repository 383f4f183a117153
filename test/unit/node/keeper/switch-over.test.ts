/** What the agent takes for a request to change roles, and what it says of the end. */
import { expect, test } from 'vitest';
import type { NodeName } from '../../../../src/core/model/names.ts';
import { endOf, parseSwitchoverRequest } from '../../../../src/node/keeper/switch-over.ts';

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

const [PG1, PG2, PG3] = ['pg1', 'pg2', 'pg3'].map((it) => it as NodeName) as [NodeName, NodeName, NodeName];

test.each([
  ['the chosen one', PG2, { switched: true, code: 'switched', successor: PG2 }],
  ['another one', PG3, { switched: true, code: 'another-took-over', successor: PG3 }],
  ['this node again', PG1, { switched: false, code: 'taken-back', successor: PG1 }],
  ['nobody', null, { switched: false, code: 'not-taken-over', successor: PG2 }],
])('where %s is primary afterwards, that is what is said', (_who, primary, end) => {
  expect(endOf(PG1, PG2, primary)).toMatchObject(end);
});
