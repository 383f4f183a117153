/** Each check passes on a healthy node, fails for its own reason alone, and never passes unseen. */
import { expect, test } from 'vitest';
import {
  judgePreflight,
  PREFLIGHT_CHECKS,
  type PreflightFacts,
  type ServerReadiness,
} from '../../../../src/core/divergence/rejoin-preflight.ts';
import { known, unknown } from '../../../../src/core/model/known.ts';
import type { NodeName } from '../../../../src/core/model/names.ts';

const server: ServerReadiness = {
  rewindPossible: true,
  fullPageWrites: true,
  missingGrants: [],
  walKeepBytes: 134_217_728,
  walBytes: 1_000_000_000,
  freeSenders: 8,
  databaseBytes: null,
};
const healthy: PreflightFacts = {
  server: known(server),
  host: { freeBytes: known(10_000_000_000), missing: known([]) },
  logins: [{ node: 'pg2' as NodeName, refusal: null }],
};
const withServer = (changes: Partial<ServerReadiness>): PreflightFacts => ({
  ...healthy,
  server: known({ ...server, ...changes }),
});
const failing = (facts: PreflightFacts): readonly string[] =>
  judgePreflight(facts)
    .filter((it) => it.state === 'fail')
    .map((it) => `${it.check}: ${it.reason}`);

test('a healthy node passes every check, in the order of their list', () => {
  expect(judgePreflight(healthy)).toEqual(
    PREFLIGHT_CHECKS.map((check) => ({ check, state: 'pass', reason: '' })),
  );
});

test.each<[string, PreflightFacts, RegExp]>([
  ['no hints and no checksums', withServer({ rewindPossible: false }), /^rewind_support: neither/],
  ['torn pages cannot be mended', withServer({ fullPageWrites: false }), /^full_page_writes: /],
  [
    'a grant is missing',
    withServer({ missingGrants: ['role pg_checkpoint'] }),
    /^grants: the role lacks role pg_checkpoint/,
  ],
  ['nothing keeps WAL', withServer({ walKeepBytes: 0 }), /^wal_kept: wal_keep_size is 0/],
  ['one sender is free', withServer({ freeSenders: 1 }), /^wal_senders: 1 of/],
  [
    'the WAL would fill the disk',
    { ...healthy, host: { ...healthy.host, freeBytes: known(2_000_000_000) } },
    /^disk_space: 2000 MB are free, a rejoin needs 2268 MB$/,
  ],
  [
    'pg_rewind is not installed',
    { ...healthy, host: { ...healthy.host, missing: known(['/usr/bin/pg_rewind']) } },
    /^programs: not found: \/usr\/bin\/pg_rewind$/,
  ],
  [
    'another node refuses the login',
    { ...healthy, logins: [{ node: 'pg2' as NodeName, refusal: 'no pg_hba.conf entry' }] },
    /^replication_login: pg2: no pg_hba.conf entry$/,
  ],
])('%s', (_title, facts, expected) => {
  expect(failing(facts)).toEqual([expect.stringMatching(expected)]);
});

test('where only a full copy helps, it needs the room of all databases', () => {
  const facts = withServer({ rewindPossible: false, databaseBytes: 9_000_000_000 });
  expect(failing(facts)).toEqual([
    expect.stringMatching(/^rewind_support/),
    'disk_space: 10000 MB are free, a rejoin needs 11268 MB',
  ]);
});

test('what was not seen is unknown and never passes', () => {
  const nothing = unknown('the server does not answer');
  const checks = judgePreflight({
    server: nothing,
    host: { freeBytes: nothing, missing: nothing },
    logins: [],
  });
  expect(checks.filter((it) => it.state !== 'unknown').map((it) => it.check)).toEqual(['replication_login']);
});
