/** An application that leaks connections: opens one after the other until the server has no more, and takes each that becomes free. Arguments: marker, address, password file. */
import { createSession, type PostgresSession } from '../../world/postgres/session.ts';
import { systemClock } from '../../world/clock.ts';
import { CLIENT_DATABASE } from '../configure/schema-sql.ts';

const [, , , host = '', passwordFile = ''] = process.argv;
const LIMIT_MS = 2_000;
const RETRY_MS = 20;

const held: PostgresSession[] = [];
for (;;) {
  const session = createSession({
    host,
    port: 5432,
    database: CLIENT_DATABASE,
    user: CLIENT_DATABASE,
    passwordFile,
    applicationName: 'lab-leak',
    connectTimeoutMs: LIMIT_MS,
    settings: {},
  });
  const outcome = await session.query({ name: 'hold', text: 'select 1' }, LIMIT_MS);
  if (outcome.kind === 'rows') held.push(session);
  else {
    await session.close();
    await systemClock.wait(RETRY_MS);
  }
}
