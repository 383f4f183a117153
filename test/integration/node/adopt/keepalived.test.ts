/** A running keepalived is taken over and given back, with PostgreSQL beside it, by programs that are killed after each of their steps: the VIP never moves. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { GuardContext } from '../../../../src/node/adopt/guard-context.ts';
import { installGuards } from '../../../../src/node/adopt/install-guards.ts';
import { bootMillis } from '../../../../src/world/clock.ts';
import { GUARD_SILENCE_MS, readGuardStamp } from '../../../../src/world/files/guard-stamps.ts';
import { writeGate } from '../../../../src/world/keepalived/gate.ts';
import { localRunner } from '../../../../src/world/remote/local-runner.ts';
import type { AdoptTask } from '../../../support/adopt-child.ts';
import {
  createGuardContext,
  createNamespace,
  endChild,
  eventually,
  VIP,
  writeLease,
  type Namespace,
} from '../../../support/guard-ground.ts';
import {
  createPlayground,
  sql,
  type Playground,
  type TestServer,
} from '../../../support/postgres-cluster.ts';

const CHILD = fileURLToPath(new URL('../../../support/adopt-child.ts', import.meta.url));
const FORMER = `global_defs {
  router_id pg1
  script_user root
  enable_script_security
}
vrrp_script check_pg_alived {
  script "/bin/true"
  interval 5
  weight 30
}
vrrp_instance VI_1 {
  state BACKUP
  nopreempt
  interface v0
  virtual_router_id 78
  priority 100
  advert_int 1
  authentication {
    auth_type PASS
    auth_pass abcdefgh
  }
  track_script {
    check_pg_alived
  }
  virtual_ipaddress {
    ${VIP}
  }
}
`;

/** The server itself runs outside of the namespace: adoption finds it at the node's addresses all the same. */
const relay = (socket: string, port: number): string => `
  const { connect, createServer } = require('node:net');
  createServer((client) => {
    const server = connect(${JSON.stringify(socket)});
    for (const [from, to] of [[client, server], [server, client]]) {
      from.on('error', () => to.destroy());
      from.pipe(to);
    }
  }).listen(${port});`;

let playground: Playground;
let server: TestServer;
let context: GuardContext;
let cluster: Record<string, unknown>;
let host: Namespace;
let keeper: NodeJS.Timeout;
const children: ChildProcess[] = [];

const configFile = (): string => context.cluster.keepalived.configFile;
const autoConf = (): string =>
  readFileSync(join(server.postgres.dataDirectory, 'postgresql.auto.conf'), 'utf8')
    .split('\n')
    .toSorted()
    .join('\n');
const hasVip = (): boolean => host.run('ip', '-o', 'address').includes(` ${VIP}/`);
const deadManRuns = (): boolean => {
  const seen = readGuardStamp(context.paths.deadManStamp, bootMillis(), GUARD_SILENCE_MS.deadMan);
  return seen.kind === 'known' && seen.value;
};
const changes = (): string => readFileSync(join(playground.directory, 'addresses'), 'utf8');
/** Runs it in the namespace. True where it ended well, null where it was killed, else what it said. */
const run = async (action: AdoptTask['action'], dieAfter: string | null): Promise<true | string | null> => {
  const task: AdoptTask = { directory: playground.directory, server, cluster, action, dieAfter };
  const words = ['--target', String(host.pid), '--net', '--', process.execPath, CHILD, JSON.stringify(task)];
  const result = await localRunner.run({ program: 'nsenter', arguments: words, timeoutMs: 60_000 });
  if (result.kind === 'done') return true;
  return result.kind === 'unknown' ? null : result.stderr;
};

beforeAll(async () => {
  playground = await createPlayground();
  server = await playground.createPrimary('pg1');
  await sql(server, "alter system set restore_command = 'exit 1 # mine'");
  const [{ it: systemIdentifier } = { it: '' }] = await sql<{ it: string }>(
    server,
    'select system_identifier::text as it from pg_control_system()',
  );
  cluster = {
    systemIdentifier,
    vip: `${VIP}/32`,
    fencing: { fuse: false, kernelLease: 'off' },
    keepalived: {
      configFile: join(playground.directory, 'keepalived.conf'),
      vrrpInstance: 'VI_1',
      transport: 'multicast',
    },
  };
  context = createGuardContext(playground.directory, server, cluster);
  host = await createNamespace();
  host.run('ip', 'link', 'add', 'v0', 'type', 'veth', 'peer', 'name', 'v1');
  host.run('ip', 'address', 'add', '10.99.8.1/24', 'dev', 'v0');
  for (const link of ['v0', 'v1']) host.run('ip', 'link', 'set', link, 'up');
  mkdirSync(join(playground.directory, 'pids'));
  writeFileSync(configFile(), FORMER, { mode: 0o640 });
  // Stands for the agent: adoption asks whether it lives, and it would hold the lease as soon as the node is adopted.
  const agent = spawn('sh', ['-c', 'sleep 600 & wait', 'sh', 'agent'], { stdio: 'ignore' });
  children.push(agent);
  writeFileSync(context.paths.agentPidFile, `${agent.pid}\n`);
  keeper = setInterval(() => {
    if (existsSync(context.paths.adoption)) writeLease(context, 60_000);
  }, 50);
  const { port } = server.postgres;
  const socket = join(server.socketDirectory, `.s.PGSQL.${port}`);
  children.push(host.start(process.execPath, '-e', relay(socket, port)));
  await eventually(() => host.run('ss', '-Hltn').includes(`:${port} `));
  const pids = ['-p', join(playground.directory, 'pids/main'), '-r', join(playground.directory, 'pids/vrrp')];
  children.push(host.start('keepalived', '-n', '-l', '-G', '-P', '-f', configFile(), ...pids));
  children.at(-1)?.stdout?.resume();
  await eventually(hasVip);
  const watch = host.start('sh', '-c', `exec ip -o monitor address >${playground.directory}/addresses`);
  children.push(watch);
});
afterAll(async () => {
  clearInterval(keeper);
  host.run('sh', '-c', `kill $(cat ${playground.directory}/pids/main) || true`);
  for (const child of children) await endChild(child, 'SIGTERM');
  host.end();
  await playground.remove();
});

describe('the primary', () => {
  test.each([
    ['hand-over', 'server'],
    ['keepalived-configuration', 'keepalived-configuration'],
    ['keepalived-reload', 'keepalived-reload'],
    ['guards', 'keepalived-forget'],
  ])('killed after %s, and given back killed after %s', async (dieAdopting, dieLeaving) => {
    const before = autoConf();
    await writeGate(context.paths.gateFile, true);
    expect(await run('adopt', dieAdopting)).toBeNull();
    expect(await run('adopt', null)).toBe(true);
    expect(readFileSync(configFile(), 'utf8')).toContain('\n#primacy# vrrp_instance VI_1 {\n');
    expect([deadManRuns(), hasVip(), existsSync(context.paths.adoption)]).toEqual([true, true, true]);
    expect(await run('unadopt', dieLeaving)).toBeNull();
    expect(await run('unadopt', null)).toBe(true);
    expect([readFileSync(configFile(), 'utf8'), autoConf()]).toEqual([FORMER, before]);
    const left = ['primacy.conf', 'guard-pg1', 'state-pg1/keepalived-before.json'];
    expect(left.filter((it) => existsSync(join(playground.directory, it)))).toEqual([]);
    expect([deadManRuns(), hasVip(), changes()]).toEqual([false, true, '']);
  });

  test('is refused while the gate stays closed: the reload would take the VIP away', async () => {
    await writeGate(context.paths.gateFile, false);
    expect(await run('adopt', null)).toContain('the agent does not open the gate');
    expect([readFileSync(configFile(), 'utf8'), changes()]).toEqual([FORMER, '']);
    expect(await run('unadopt', null)).toBe(true);
  });

  test('a file that keepalived does not accept is never put in place', async () => {
    await writeGate(context.paths.gateFile, true);
    writeFileSync(configFile(), `${FORMER}nonsense {\n}\n`, { mode: 0o640 });
    expect(await run('adopt', null)).toContain("Unknown keyword 'nonsense'");
    expect(readFileSync(configFile(), 'utf8')).toBe(`${FORMER}nonsense {\n}\n`);
    expect([hasVip(), changes(), existsSync(`${configFile()}.primacy`)]).toEqual([true, '', false]);
    writeFileSync(configFile(), FORMER, { mode: 0o640 });
    expect(await run('unadopt', null)).toBe(true);
  });
});

describe('a standby', () => {
  test.each([
    ['keepalived-stop', 'keepalived-stop'],
    ['keepalived-configuration', 'keepalived-configuration'],
  ])('killed after %s, and given back killed after %s', async (dieTaking, dieGiving) => {
    await writeGate(context.paths.gateFile, false);
    await installGuards(context);
    expect(await run('prepare', dieTaking)).toBeNull();
    expect(await run('prepare', null)).toBe(true);
    expect([deadManRuns(), hasVip()]).toEqual([true, false]);
    expect(await run('give-back', dieGiving)).toBeNull();
    expect(await run('give-back', null)).toBe(true);
    expect([readFileSync(configFile(), 'utf8'), deadManRuns()]).toEqual([FORMER, false]);
    await eventually(hasVip);
  });
});
