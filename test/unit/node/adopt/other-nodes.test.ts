/** A node's standing is read from its agent's own exposition; what cannot be read is no answer. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { standingFrom, stillAdopted } from '../../../../src/node/adopt/other-nodes.ts';

/** The exposition of an adopted primary, and after it that of a standby. */
const [GOLDEN = ''] = readFileSync(
  new URL('../../metrics/fixtures/golden.txt', import.meta.url),
  'utf8',
).split('# Standby, fenced.');

test('an adopted primary without a dead-man script is read as such', () => {
  expect(standingFrom('pg1', GOLDEN)).toEqual({
    name: 'pg1',
    answered: true,
    role: 'primary',
    adopted: true,
    prepared: false,
    holdsLease: true,
    holdsVip: true,
  });
});

test.each(['', 'primacy_vip_present{vip="a",interface="b"} 1\n', '<html>primacy_adopted 1</html>'])(
  'no answer: %j',
  (text) => {
    expect(standingFrom('pg2', text)).toMatchObject({ answered: false, adopted: false });
    expect(stillAdopted([standingFrom('pg2', text)])).toEqual(['pg2']);
  },
);
