/** The article's running pair is handed over to Primacy by the commands of its runbook, while a client writes, and given back to the letter. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { labDown } from '../../src/lab/down.ts';
import { breakLab } from '../../src/lab/faults/strike.ts';
import { poweredInit, startDaemon } from '../../src/lab/hosts/enter.ts';
import { labAccount } from '../../src/lab/measure/account.ts';
import { longestGap, readAcknowledgements } from '../../src/lab/measure/acknowledgements.ts';
import { healthProblem } from '../../src/lab/measure/health.ts';
import { labStatus } from '../../src/lab/measure/status.ts';
import { startAgent } from '../../src/lab/up/services.ts';
import { eventually, output, sh, startLabWithoutAgent } from '../support/lab.ts';

const NAME = 'adopt-article';
const PAIR = ['pg1', 'pg2'] as const;
const CONF = '/etc/keepalived/keepalived.conf';
const ADDRESSES = '/var/log/addresses.log';

interface HostState {
  readonly settings: string;
  readonly inForce: string;
  readonly signal: string;
  readonly keepalived: string;
  readonly folder: string;
}

interface Stretch {
  readonly from: number;
  readonly gapMs: number;
  /** Numbers that were tried and not acknowledged between the first and the last acknowledgement. */
  readonly unanswered: number;
}

let vip = '';
let before: Readonly<Record<(typeof PAIR)[number], HostState>>;

const psql = (host: string, query: string): Promise<string> =>
  output(NAME, host, `runuser -u postgres -- psql -XAtc "${query}"`);
const vrrp = async (host: string): Promise<string | null> =>
  (await labStatus(NAME)).hosts.find((it) => it.name === host)?.vrrp ?? null;
const healthy = async (): Promise<boolean> => healthProblem(await labStatus(NAME)) === null;
/** Sorted, because ALTER SYSTEM moves what it touches to the end. */
const stateOf = async (host: string): Promise<HostState> => ({
  settings: await output(NAME, host, 'sort /var/lib/postgresql/15/main/postgresql.auto.conf'),
  inForce: await psql(
    host,
    "select string_agg(name || '=' || setting, ' ' order by name) from pg_settings where source <> 'override' and name not in ('application_name')",
  ),
  signal: await output(NAME, host, 'ls /var/lib/postgresql/15/main | grep signal || true'),
  keepalived: await output(NAME, host, `stat -c '%a %U:%G' ${CONF}; cat ${CONF}`),
  folder: await output(NAME, host, 'ls /etc/keepalived /etc/primacy'),
});
const bothStates = async () => ({ pg1: await stateOf('pg1'), pg2: await stateOf('pg2') });
/** What the kernel said of the VIP on both hosts since the watch began. */
const vipChanges = async (): Promise<readonly string[]> => {
  const texts = await Promise.all(PAIR.map((host) => output(NAME, host, `cat ${ADDRESSES}`)));
  return texts.flatMap((text) => text.split('\n').filter((line) => line.includes(` ${vip}/`)));
};
const stretchSince = async (from: number): Promise<Stretch> => {
  const rows = (await readAcknowledgements(NAME)).filter((it) => it.at >= from);
  const tried = (rows.at(-1)?.id ?? 0) - (rows[0]?.id ?? 0) + 1;
  return {
    from,
    gapMs: longestGap(await readAcknowledgements(NAME), from, Date.now()),
    unanswered: tried - rows.length,
  };
};
const undisturbed = async (from: number): Promise<void> => {
  const stretch = await stretchSince(from);
  expect(await vipChanges()).toEqual([]);
  expect(stretch).toMatchObject({ unanswered: 0 });
};
const adoptAll = async (standby: string, primary: string): Promise<string> => {
  await output(NAME, standby, 'primacy adopt --prepare');
  await output(NAME, primary, 'primacy adopt');
  return output(NAME, standby, 'primacy adopt --json');
};
const unadoptAll = async (standby: string, primary: string): Promise<void> => {
  await output(NAME, standby, 'primacy unadopt');
  await output(NAME, primary, 'primacy unadopt');
  await output(NAME, standby, 'primacy unadopt');
};

beforeAll(async () => {
  ({ vip } = await startLabWithoutAgent(NAME));
  before = await bothStates();
  for (const host of PAIR)
    await startDaemon(await poweredInit(NAME, host), {
      name: 'addresses',
      program: 'ip',
      arguments: ['-o', 'monitor', 'address'],
    });
  // What an installer does: the secret, the same on all nodes, and the agent's service.
  for (const host of [...PAIR, 'witness']) {
    await output(
      NAME,
      host,
      'umask 077; echo a-secret-of-thirty-two-characters > /etc/primacy/secrets/cluster-secret',
    );
    await startAgent(await poweredInit(NAME, host));
  }
});
afterAll(() => labDown(NAME));

test('the wrong order is refused with what comes first, and nothing changes', async () => {
  const from = Date.now();
  await output(NAME, 'pg1', 'primacy setup');
  await eventually(
    'answers of both agents',
    async () => !(await output(NAME, 'pg1', 'primacy adopt --dry-run || true')).includes('start the agent'),
  );
  const refused = async (host: string, words: string): Promise<void> =>
    expect(await sh(NAME, host, 'primacy adopt')).toMatchObject({
      kind: 'failed',
      exitCode: 1,
      stderr: expect.stringContaining(words),
    });
  await refused('pg1', 'keepalived of pg2 may still take the VIP; run "primacy adopt --prepare" there first');
  await refused('pg2', 'no node holds the lease yet; run "primacy adopt" on pg1 first');
  const { exitCode, stdout } = (await sh(NAME, 'pg1', 'primacy adopt --dry-run --json')) as {
    readonly exitCode?: number;
    readonly stdout: string;
  };
  expect(exitCode).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({
    node: 'pg1',
    role: 'primary',
    refusal: expect.stringContaining('keepalived of pg2'),
    steps: expect.arrayContaining(['reload keepalived, which keeps the VIP']),
  });
  expect({ pg1: (await stateOf('pg1')).keepalived, pg2: (await stateOf('pg2')).settings }).toEqual({
    pg1: before.pg1.keepalived,
    pg2: before.pg2.settings,
  });
  await undisturbed(from);
});

test('a pair is handed over while the client writes: no row waits, the VIP stays', async () => {
  const from = Date.now();
  expect(JSON.parse(await adoptAll('pg2', 'pg1'))).toMatchObject({ node: 'pg2', role: 'standby', next: [] });
  expect([await vrrp('pg1'), await vrrp('pg2')]).toEqual(['MASTER', 'FAULT']);
  await undisturbed(from);
});

test('it is given back to the letter, and the article\u2019s keepalived is on both nodes again', async () => {
  const from = Date.now();
  await unadoptAll('pg2', 'pg1');
  expect(await bothStates()).toEqual(before);
  await eventually('the standby\u2019s keepalived', async () => (await vrrp('pg2')) === 'BACKUP');
  expect(await vrrp('pg1')).toBe('MASTER');
  await undisturbed(from);
});

test('adopted again, a dead PostgreSQL is replaced, and the old primary follows', async () => {
  const from = Date.now();
  await adoptAll('pg2', 'pg1');
  await undisturbed(from);
  await eventually('a standby that is ready', async () =>
    (await output(NAME, 'pg2', 'primacy diagnose --failover || true')).includes('would'),
  );
  await breakLab(NAME, 'kill-postgres', 'pg1', []);
  await eventually('pg2 primary with the VIP', async () => (await labStatus(NAME)).writable.join() === 'pg2');
  await eventually('a whole cluster', healthy, 60_000);
  expect(await labAccount(NAME)).toMatchObject({ nowhere: 0, dualPrimarySeconds: 0 });
});

test('with the roles changed it is given back as well', async () => {
  const from = Date.now();
  await unadoptAll('pg1', 'pg2');
  expect((await stretchSince(from)).unanswered).toBe(0);
  for (const host of PAIR) expect((await stateOf(host)).keepalived).toBe(before[host].keepalived);
  expect([await psql('pg1', 'show restart_after_crash'), await psql('pg2', 'show restore_command')]).toEqual([
    'on',
    '',
  ]);
  expect([(await stateOf('pg1')).signal, (await stateOf('pg2')).signal]).toEqual(['standby.signal', '']);
  await eventually('the standby\u2019s keepalived', async () => (await vrrp('pg1')) === 'BACKUP');
  expect(await vrrp('pg2')).toBe('MASTER');
  expect(await healthy()).toBe(true);
  expect(await labAccount(NAME)).toMatchObject({ nowhere: 0, dualPrimarySeconds: 0 });
});
