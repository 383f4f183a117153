/** What the database role is granted: no more than what the agent does with it. */
import { expect, test } from 'vitest';
import { heartbeatStatements, roleStatements } from '../../../../src/world/postgres/setup-statements.ts';

const parts = { role: 'primacy', database: 'postgres', password: null };

test('the role may promote its standby, and is no superuser', () => {
  const grants = /grant execute on function([^;]+)to "primacy";/.exec(heartbeatStatements(parts))?.[1];
  expect(grants).toContain('pg_promote(boolean, integer)');
  expect(roleStatements(parts)).toContain(' nosuperuser ');
});
