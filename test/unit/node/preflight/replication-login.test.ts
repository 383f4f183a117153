/** A login that was refused is told in the server's words; a server that is only starting is no refusal. */
import { expect, test } from 'vitest';
import { refusalIn } from '../../../../src/node/preflight/replication-login.ts';

const said = (words: string): string =>
  `psql: error: connection to server at "10.79.0.11", port 5432 failed: FATAL:  ${words}\n`;

test.each([
  'no pg_hba.conf entry for replication connection from host "10.79.0.12", user "primacy"',
  'password authentication failed for user "primacy"',
  'number of requested standby connections exceeds max_wal_senders (currently 2)',
])('a refusal: %s', (words) => {
  expect(refusalIn(said(words))).toBe(words);
});

test.each(['starting up', 'shutting down', 'not yet accepting connections', 'in recovery mode'])(
  'no refusal: the database system is %s',
  (state) => {
    expect(refusalIn(said(`the database system is ${state}`))).toBeNull();
  },
);

test('nobody answered', () => {
  const silent = 'psql: error: connection to server at "10.79.0.11", port 5432 failed: Connection refused\n';
  expect(refusalIn(silent)).toBeNull();
});
