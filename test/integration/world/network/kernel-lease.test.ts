/** The lease inside the kernel, alone: its agent is dead, and after the deadline no client gets an acknowledgement through the VIP. */
import type { ChildProcess } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { GuardContext } from '../../../../src/node/adopt/guard-context.ts';
import { bootMillis } from '../../../../src/world/clock.ts';
import {
  createGuardContext,
  createNamespace,
  endChild,
  eventually,
  VIP,
  VIP_CIDR,
  type Namespace,
} from '../../../support/guard-ground.ts';
import {
  createPlayground,
  ROLE_PASSWORD,
  sql,
  type Playground,
  type TestServer,
} from '../../../support/postgres-cluster.ts';

const MODULES = new URL('../../../../src/', import.meta.url).href;
const PG = import.meta.resolve('pg');
/** nft's time-outs have the kernel's tick, and both clocks are read to 10 ms. */
const TICK_MS = 50;
let playground: Playground;
let server: TestServer;
let context: GuardContext;
let host: Namespace;
let outside: Namespace;
let holder: ChildProcess;
const children: ChildProcess[] = [];

const rules = (): string => host.run('nft', 'list', 'ruleset');
const node = (where: Namespace, code: string): ChildProcess => {
  const child = where.start(process.execPath, '--input-type=module', '-e', code);
  children.push(child);
  return child;
};
/** An agent's kernel lease in a process of its own: reads `extend MOMENT` and `revoke`, says its state. */
const startHolder = (): ChildProcess =>
  node(
    host,
    `
    const { createKernelLease } = await import('${MODULES}world/network/kernel-lease.ts');
    const { bootMillis } = await import('${MODULES}world/clock.ts');
    const { watchFile, readFileSync } = await import('node:fs');
    const lease = createKernelLease(${JSON.stringify(context.cluster)}, ${JSON.stringify(context.paths.adoption)});
    let last = '';
    setInterval(() => {
      const order = readFileSync(${JSON.stringify(orders())}, 'utf8').trim();
      if (order.startsWith('hold')) lease.extend(bootMillis() + 1600);
      else if (order !== last && order.startsWith('until')) lease.extend(Number(order.split(' ')[1]));
      else if (order === 'revoke') lease.revoke();
      last = order;
      console.log(JSON.stringify(lease.state()));
    }, 50);`,
  );
const orders = (): string => join(playground.directory, 'orders');
const order = (text: string): void => writeFileSync(orders(), `${text}\n`);
const lines = (child: ChildProcess): string[] => {
  const seen: string[] = [];
  if (child.stdout !== null) createInterface({ input: child.stdout }).on('line', (line) => seen.push(line));
  return seen;
};
/** A client on another host that inserts and writes down when each row was acknowledged, then how it ended. */
const startClient = (): string[] =>
  lines(
    node(
      outside,
      `
    const { default: pg } = await import('${PG}');
    const { bootMillis } = await import('${MODULES}world/clock.ts');
    const client = new pg.Client({ host: '${VIP}', port: ${server.postgres.port}, user: 'primacy', database: 'postgres',
      password: ${JSON.stringify(ROLE_PASSWORD)}, connectionTimeoutMillis: 5000 });
    client.on('error', () => undefined);
    try {
      await client.connect();
      for (;;) {
        await client.query('insert into primacy.marker values (gen_random_uuid())');
        console.log(bootMillis());
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    } catch (error) { console.log('end ' + (error.code ?? error.message)); process.exit(); }`,
    ),
  );
const rows = async (): Promise<number> =>
  Number((await sql<{ n: string }>(server, 'select count(*) n from primacy.marker'))[0]?.n);

beforeAll(async () => {
  playground = await createPlayground();
  host = await createNamespace();
  outside = await createNamespace();
  outside.run('ip', 'link', 'add', 'c0', 'type', 'veth', 'peer', 'name', 'v0', 'netns', String(host.pid));
  for (const [where, link, cidr] of [
    [host, 'v0', '10.99.8.1/24'],
    [outside, 'c0', '10.99.8.9/24'],
  ] as const) {
    where.run('ip', 'address', 'add', cidr, 'dev', link);
    where.run('ip', 'link', 'set', link, 'up');
  }
  host.run('ip', 'address', 'add', VIP_CIDR, 'dev', 'v0');
  server = await playground.createPrimary('pg1', ["listen_addresses = '127.0.0.1'"]);
  context = createGuardContext(playground.directory, server);
  writeFileSync(context.paths.adoption, '{}');
  order('nothing');
  // The server itself runs outside the namespace; a forwarder inside it is what clients reach.
  node(
    host,
    `
    const { createServer, connect } = await import('node:net');
    createServer((client) => {
      const upstream = connect(${JSON.stringify(join(server.socketDirectory, `.s.PGSQL.${server.postgres.port}`))});
      client.pipe(upstream).pipe(client);
      for (const it of [client, upstream]) it.on('error', () => { client.destroy(); upstream.destroy(); });
    }).listen(${server.postgres.port}, '0.0.0.0');`,
  );
  await eventually(() => host.run('ss', '-Hltn', `sport = ${server.postgres.port}`) !== '');
});
afterAll(async () => {
  for (const child of children) await endChild(child);
  host.end();
  outside.end();
  await playground.remove();
});

test('nothing is installed before it is used, nor on a node that was not adopted', async () => {
  rmSync(context.paths.adoption);
  order('hold');
  holder = startHolder();
  const states = lines(holder);
  await eventually(() => states.length > 5);
  expect(states.at(-1)).toContain('"off"');
  expect(rules()).toBe('');
  writeFileSync(context.paths.adoption, '{}');
});

test('clients pass while the lease is renewed, also when the process behind it dies or all rules are flushed', async () => {
  order('hold');
  const acknowledged = startClient();
  await eventually(() => rules().includes('expires') && acknowledged.length > 20);
  host.run('nft', 'flush', 'ruleset');
  await eventually(() => rules().includes('expires'));
  host.run(
    'sh',
    '-c',
    'for p in /proc/[0-9]*; do read -r c <$p/comm && [ "$c" = nft ] && [ $p/ns/net -ef /proc/self/ns/net ] && kill -9 ${p#/proc/}; done 2>/dev/null; true',
  );
  const before = acknowledged.length;
  await eventually(() => acknowledged.length > before + 600 / 5);
  expect(acknowledged.filter((it) => it.startsWith('end'))).toEqual([]);
});

test('after the deadline no acknowledgement leaves although the agent is dead and PostgreSQL goes on', async () => {
  const acknowledged = startClient();
  await eventually(() => acknowledged.length > 10);
  const deadline = bootMillis() + 700;
  order(`until ${deadline}`);
  await eventually(() => bootMillis() > deadline - 300);
  await endChild(holder);
  await eventually(() => bootMillis() > deadline + 1_000);
  const times = acknowledged.filter((it) => !it.startsWith('end')).map(Number);
  expect(Math.max(...times)).toBeGreaterThan(deadline - 400);
  expect(Math.max(...times)).toBeLessThanOrEqual(deadline + TICK_MS);
  // A new client is refused at once, and does not wait for its own time-out.
  const late = startClient();
  await eventually(() => late.length > 0);
  expect(late[0]).toMatch(/^end ECONN(REFUSED|RESET)$/);
});

test('packets for a VIP that is elsewhere by now are answered by a reset', async () => {
  const mac = /link\/ether (\S+)/.exec(host.run('ip', 'link', 'show', 'v0'))?.[1] ?? '';
  outside.run('ip', 'neigh', 'replace', VIP, 'lladdr', mac, 'dev', 'c0', 'nud', 'permanent');
  host.run('ip', 'address', 'delete', VIP_CIDR, 'dev', 'v0');
  const client = startClient();
  await eventually(() => client.length > 0);
  expect(client[0]).toMatch(/^end ECONN(REFUSED|RESET)$/);
  host.run('ip', 'address', 'add', VIP_CIDR, 'dev', 'v0');
});

test('a holder that comes back lets clients in again, and one that revokes cuts them off', async () => {
  order('hold');
  holder = startHolder();
  await eventually(() => rules().includes('expires'));
  const acknowledged = startClient();
  await eventually(() => acknowledged.length > 10);
  const before = await rows();
  order('revoke');
  await eventually(() => !rules().includes('expires'));
  const [last] = acknowledged.slice(-1);
  await eventually(() => bootMillis() > Number(last?.startsWith('end') === true ? 0 : last) + 300);
  expect(acknowledged.filter((it) => it !== last && Number(it) > Number(last) + TICK_MS)).toEqual([]);
  expect(await rows()).toBeGreaterThanOrEqual(before);
});

test('our table is removed and nobody else\u2019s', async () => {
  host.run('nft', 'add table inet theirs');
  await endChild(holder);
  const removal = `
    const { removeKernelLease } = await import('${MODULES}world/network/kernel-lease.ts');
    const { localRunner } = await import('${MODULES}world/remote/local-runner.ts');
    await removeKernelLease(localRunner); await removeKernelLease(localRunner);`;
  host.run(process.execPath, '--input-type=module', '-e', removal);
  expect(rules().trim()).toBe('table inet theirs {\n}');
});
