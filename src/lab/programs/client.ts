/**
 * The lab's client: writes a numbered row through the VIP every 20 ms and records every acknowledgement on disk.
 * Arguments: marker, VIP, password file, file for the acknowledgements.
 */
import { openSync, readFileSync, writeSync } from 'node:fs';
import { createSession, type PostgresSession } from '../../world/postgres/session.ts';
import { ledgerLabel } from '../measure/ledger.ts';
import { systemClock } from '../../world/clock.ts';

const [, , , vip = '', passwordFile = '', logFile = ''] = process.argv;
const INTERVAL_MS = 20;
const RETRY_MS = 50;
const SESSION_MS = 1_000;
const LIMIT_MS = 2_000;
const CLIENT_DATABASE = 'app';

const log = openSync(logFile, 'a');

function newSession(): PostgresSession {
  return createSession({
    host: vip,
    port: 5432,
    database: CLIENT_DATABASE,
    user: CLIENT_DATABASE,
    passwordFile,
    applicationName: 'lab-client',
    connectTimeoutMs: LIMIT_MS,
    settings: {},
  });
}

/** Numbers below this were tried by an earlier client: more than it can have tried without an answer. */
const STRIDE = 1_000_000;

/** Where to go on: 0 for the first client of a lab. */
function numbersUsed(): number {
  const last = readFileSync(logFile, 'utf8').trimEnd().split('\n').at(-1) ?? '';
  const id = Number(last.split(' ')[0]);
  return id === 0 ? 0 : (Math.floor(id / STRIDE) + 1) * STRIDE;
}

/** A number is used once, also after a failure: an attempt without an answer may have been committed. */
let id = numbersUsed();
let session = newSession();
let opened = performance.now();
for (;;) {
  const began = performance.now();
  if (began - opened > SESSION_MS) {
    await session.close();
    session = newSession();
    opened = began;
  }
  id += 1;
  const outcome = await session.query(
    { name: 'row', text: 'insert into ledger (id, label) values ($1, $2)', values: [id, ledgerLabel(id)] },
    LIMIT_MS,
  );
  if (outcome.kind === 'rows') {
    writeSync(log, `${id} ${Date.now()}\n`);
    await systemClock.wait(Math.max(0, INTERVAL_MS - (performance.now() - began)));
  } else {
    await systemClock.wait(RETRY_MS);
  }
}
