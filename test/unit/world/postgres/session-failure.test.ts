/** An error answer proves that a server lives; silence proves nothing. */
import { expect, test } from 'vitest';
import { classifyFailure, PasswordUnreadable } from '../../../../src/world/postgres/session-failure.ts';

const failure = (code: string | undefined) => Object.assign(new Error('words'), { code });

test.each([
  ['57P03', 'not-now'],
  ['28P01', 'rejected'],
  ['53300', 'rejected'],
  ['3D000', 'rejected'],
  ['57014', 'silent'],
  ['ECONNREFUSED', 'refused'],
  ['ECONNRESET', 'silent'],
  // No way to the host is no word of the host.
  ['EHOSTUNREACH', 'silent'],
  ['ENETUNREACH', 'silent'],
  [undefined, 'silent'],
])('%s is %s', (code, kind) => {
  expect(classifyFailure(failure(code)).kind).toBe(kind);
});

test('our own password that cannot be read says nothing against the server', () => {
  const unreadable = classifyFailure(new PasswordUnreadable('cannot read the password: ENOENT'));
  expect(unreadable).toMatchObject({ kind: 'rejected', sqlState: '28000' });
});
