/** Values of a connection string, with and without quotes. */
import { expect, test } from 'vitest';
import { conninfoValue } from '../../../../src/world/postgres/candidate-settings.ts';

test.each([
  ['host=10.0.0.1 port=5432', 'host', '10.0.0.1'],
  ["user=primacy application_name='pg 2' host = 10.0.0.1", 'application_name', 'pg 2'],
  [String.raw`password='it\'s' host=pg1`, 'password', "it's"],
  [String.raw`password='it\'s' host=pg1`, 'host', 'pg1'],
  ["host=''", 'host', ''],
  ['', 'host', null],
  ['hostaddr=10.0.0.1', 'host', null],
])('%s has %s %s', (conninfo, keyword, value) => {
  expect(conninfoValue(conninfo, keyword)).toBe(value);
});
