/** Goal: only the token opens. Method: headers around the right one. */
import { expect, it } from 'vitest';
import { isAuthorized } from '../../../../src/responder/webhook/authenticate.ts';

it.each(['Bearer secret', 'bearer secret', 'BEARER secret'])('%j is let in', (header) => {
  expect(isAuthorized(header, 'secret')).toBe(true);
});

it.each([
  undefined,
  '',
  'secret',
  'Bearer',
  'Bearer ',
  'Bearer  secret',
  'Bearer secret ',
  'Bearer secre',
  'Bearer secrets',
  'Bearer SECRET',
  'Basic secret',
])('%j is kept out', (header) => {
  expect(isAuthorized(header, 'secret')).toBe(false);
});
