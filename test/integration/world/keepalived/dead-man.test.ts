/** The dead-man script under the real keepalived, and keepalived's own ways to leave the VIP behind: what has no lease is fenced in each. */
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { keepalivedConfiguration, keepalivedFragment } from '../../../../src/config/generate/keepalived.ts';
import { paths as installed } from '../../../../src/config/paths.ts';
import type { GuardContext } from '../../../../src/node/adopt/guard-context.ts';
import { activateGuards, installGuards } from '../../../../src/node/adopt/install-guards.ts';
import { bootMillis } from '../../../../src/world/clock.ts';
import { GUARD_SILENCE_MS, readGuardStamp } from '../../../../src/world/files/guard-stamps.ts';
import { createKeepalivedCheck } from '../../../../src/world/keepalived/check.ts';
import { writeGate } from '../../../../src/world/keepalived/gate.ts';
import { processesOf } from '../../../../src/world/postgres/processes.ts';
import {
  createGuardContext,
  createNamespace,
  endChild,
  eventually,
  gateOf,
  startAfterKill,
  VIP,
  VIP_CIDR,
  writeLease,
  type Namespace,
} from '../../../support/guard-ground.ts';
import { createPlayground, type Playground, type TestServer } from '../../../support/postgres-cluster.ts';

let playground: Playground;
let server: TestServer;
let context: GuardContext;
let host: Namespace;
const children: ChildProcess[] = [];

const hasVip = (): boolean => host.run('ip', '-o', 'address').includes(` ${VIP}/`);
const alive = async (): Promise<number> => (await processesOf(server.postgres.dataDirectory)).length;
const configFile = (): string => context.cluster.keepalived.configFile;
const deadManRuns = (): boolean => {
  const seen = readGuardStamp(context.paths.deadManStamp, bootMillis(), GUARD_SILENCE_MS.deadMan);
  return seen.kind === 'known' && seen.value;
};
/** The configuration as it is generated, with this test's folders. */
const here = (text: string): string =>
  text
    .replaceAll(installed.gateFile, context.paths.gateFile)
    .replaceAll(installed.guardDirectory, context.paths.guardDirectory);
const main = (): number => Number(readFileSync(join(playground.directory, 'pids', 'main'), 'utf8'));
const vrrp = (): number => Number(readFileSync(join(playground.directory, 'pids', 'vrrp'), 'utf8'));
const keepalived = async (): Promise<ChildProcess> => {
  const pids = ['-p', join(playground.directory, 'pids/main'), '-r', join(playground.directory, 'pids/vrrp')];
  for (const path of [context.paths.deadManStamp, context.paths.gateFile]) rmSync(path, { force: true });
  const child = host.start('keepalived', '-n', '-l', '-G', '-P', '-f', configFile(), ...pids);
  child.stdout?.resume();
  children.push(child);
  await eventually(() => deadManRuns() && existsSync(context.paths.gateFile) && gateOf(context) === '1');
  return child;
};
const fuse = (): void => {
  children.push(host.start(join(context.paths.guardDirectory, 'fuse-supervisor')));
};
/** A holder with the VIP, brought there by keepalived. */
const carryVip = async (): Promise<void> => {
  await writeGate(context.paths.gateFile, true);
  await eventually(hasVip);
};

beforeAll(async () => {
  playground = await createPlayground();
  mkdirSync(join(playground.directory, 'pids'));
  server = await playground.createPrimary('pg1');
  context = createGuardContext(playground.directory, server);
  host = await createNamespace();
  host.run('ip', 'link', 'add', 'v0', 'type', 'veth', 'peer', 'name', 'v1');
  host.run('ip', 'address', 'add', '10.99.8.1/24', 'dev', 'v0');
  for (const link of ['v0', 'v1']) host.run('ip', 'link', 'set', link, 'up');
  await installGuards(context);
  await activateGuards(context);
  writeFileSync(context.paths.adoption, '{}');
});
afterAll(async () => {
  host.end();
  await playground.remove();
});
beforeEach(async () => {
  writeLease(context, 60_000);
  writeFileSync(configFile(), here(keepalivedConfiguration(context.cluster, context.node)), { mode: 0o644 });
  if ((await alive()) === 0) await startAfterKill(server);
});
afterEach(async () => {
  for (const child of children.splice(0)) await endChild(child, 'SIGTERM');
  if (hasVip()) host.run('ip', 'address', 'delete', VIP_CIDR, 'dev', 'v0');
});

describe('the dead-man script under keepalived', () => {
  test('fences also in FAULT, where keepalived itself changes nothing any more', async () => {
    await keepalived();
    host.run('ip', 'address', 'add', VIP_CIDR, 'dev', 'v0');
    expect([hasVip(), (await alive()) > 0]).toEqual([true, true]);
    writeLease(context, -10);
    await eventually(async () => !hasVip() && (await alive()) === 0);
  });

  test('takes the VIP from the MASTER when the deadline passes, and lets it back with the lease', async () => {
    await keepalived();
    await carryVip();
    writeLease(context, 300);
    await eventually(async () => !hasVip() && gateOf(context) === '1' && (await alive()) === 0);
    writeLease(context, 60_000);
    await carryVip();
    expect(gateOf(context)).toBe('0');
  });
});

describe('the fuse, with keepalived', () => {
  test('killed while it carries the VIP, takes the VIP away at the deadline', async () => {
    await keepalived();
    await carryVip();
    fuse();
    for (const pid of [main(), vrrp()]) process.kill(pid, 'SIGSTOP');
    for (const pid of [main(), vrrp()]) process.kill(pid, 'SIGKILL');
    expect(hasVip()).toBe(true);
    writeLease(context, 200);
    await eventually(async () => !hasVip() && (await alive()) === 0);
  });

  test('ended by a reload of a bad file, which leaves the VIP behind, takes the VIP away at the deadline', async () => {
    const child = await keepalived();
    await carryVip();
    fuse();
    const text = readFileSync(configFile(), 'utf8').replace('interface v0', 'interface nowhere9');
    writeFileSync(configFile(), text, { mode: 0o644 });
    process.kill(main(), 'SIGHUP');
    await eventually(() => child.exitCode !== null || child.signalCode !== null);
    expect(hasVip()).toBe(true);
    writeLease(context, 200);
    await eventually(async () => !hasVip() && (await alive()) === 0);
  });
});

test('the fragment is accepted by keepalived beside what others have in the file, and nothing of theirs is in it', () => {
  const fragment = join(playground.directory, 'primacy.conf');
  writeFileSync(fragment, here(keepalivedFragment(context.cluster, context.node)), { mode: 0o644 });
  const theirs = `global_defs {
  router_id theirs
  enable_script_security
}
`;
  writeFileSync(configFile(), `${theirs}include ${fragment}\n`, { mode: 0o644 });
  expect(host.run('keepalived', '-t', '-f', configFile())).toBe('');
  expect(readFileSync(fragment, 'utf8')).not.toMatch(/^(global_defs|script_user)/m);
  const looks = createKeepalivedCheck({
    configFile: configFile(),
    gateFile: context.paths.gateFile,
    vrrpInstance: 'primacy',
    deadMan: { program: join(context.paths.guardDirectory, 'dead-man'), adoption: context.paths.adoption },
  })();
  expect(looks.map((it) => [it.check, it.intact])).toEqual(
    ['config_file', 'track_file', 'script', 'dead_man'].map((check) => [
      check,
      { kind: 'known', value: true },
    ]),
  );
});
