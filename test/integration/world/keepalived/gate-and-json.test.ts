/** The real keepalived in a network namespace: our configuration passes, the gate moves the VIP, its JSON and its end are seen. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { keepalivedConfiguration } from '../../../../src/config/generate/keepalived.ts';
import { configSchema } from '../../../../src/config/schema.ts';
import { pollUntil, systemClock } from '../../../../src/world/clock.ts';
import { writeGate } from '../../../../src/world/keepalived/gate.ts';

const MODULES = new URL('../../../../src/', import.meta.url).href;
/** Somebody else's instance in the same file, and before ours: a read VIP that a standby carries. */
const READ_INSTANCE = `vrrp_instance read {
  state BACKUP
  interface v0
  virtual_router_id 78
  priority 100
  virtual_ipaddress {
    10.99.7.101/24
  }
}
`;
let directory: string;
let configFile: string;
let gateFile: string;
let keepalived: ChildProcess;
/** Holds the host's network namespace: it has no name, so nothing is left behind however this test ends. */
let host: ChildProcess;

const run = (program: string, ...parameters: readonly string[]): string =>
  execFileSync(program, parameters, { encoding: 'utf8' });
/** `nsenter` and not `ip netns`, which wants to change mounts and cannot in a chroot. */
const within = (...command: readonly string[]): readonly string[] => [
  '--target',
  String(host.pid),
  '--net',
  '--',
  ...command,
];
const ip = (...parameters: readonly string[]): string => run('nsenter', ...within('ip', ...parameters));
/** Runs a piece of our code inside the namespace, where it sees that host's addresses and keepalived. */
const inside = (code: string): unknown =>
  JSON.parse(run('nsenter', ...within(process.execPath, '--input-type=module', '-e', code)).trim());
const observe = (): unknown =>
  inside(`
    const { observeKeepalived } = await import('${MODULES}world/keepalived/reader.ts');
    const { systemClock } = await import('${MODULES}world/clock.ts');
    const config = { configFile: '', vrrpInstance: 'primacy', advertIntervalSeconds: 1, jsonFile: '/tmp/keepalived.json' };
    console.log(JSON.stringify(await observeKeepalived(config, systemClock, 2000)));`);
const vip = (): unknown =>
  inside(`
    const { lookAtVip, readVip } = await import('${MODULES}world/network/addresses.ts');
    console.log(JSON.stringify([lookAtVip('10.99.7.100'), await readVip('10.99.7.100')]));`);
const until = (look: () => unknown, expected: (value: string) => boolean): Promise<true | undefined> =>
  pollUntil(systemClock, 15_000, 100, () =>
    Promise.resolve(expected(JSON.stringify(look())) ? true : undefined),
  );

/** Starts the process that holds the namespace, and waits until it is in it. */
async function startHost(): Promise<ChildProcess> {
  const holder = spawn('unshare', ['--net', '--', 'sleep', '600'], { stdio: 'ignore' });
  const ours = readlinkSync('/proc/self/ns/net');
  const entered = await pollUntil(systemClock, 5_000, 10, () =>
    Promise.resolve(readlinkSync(`/proc/${holder.pid}/ns/net`) === ours ? undefined : true),
  );
  if (entered === undefined) throw new Error('cannot make a network namespace');
  return holder;
}

beforeAll(async () => {
  directory = mkdtempSync('/tmp/primacy-ka-');
  configFile = join(directory, 'keepalived.conf');
  gateFile = join(directory, 'gate');
  mkdirSync(join(directory, 'pids'));
  host = await startHost();
  ip('link', 'add', 'v0', 'type', 'veth', 'peer', 'name', 'v1');
  ip('address', 'add', '10.99.7.1/24', 'dev', 'v0');
  for (const link of ['lo', 'v0', 'v1']) ip('link', 'set', link, 'up');
  const cluster = configSchema.parse({
    clusters: [
      {
        name: 'main',
        vip: '10.99.7.100/24',
        interface: 'v0',
        vrid: 77,
        nodes: [
          { name: 'pg1', addresses: ['10.99.7.1'] },
          { name: 'pg2', addresses: ['10.99.7.2'] },
        ],
      },
    ],
  }).clusters[0]!;
  const text = keepalivedConfiguration(cluster, cluster.nodes[0]!)
    .replace(/file \/run.*/, `file ${gateFile}`)
    .replace(/script ".*"/, 'script "/usr/bin/true"');
  writeFileSync(configFile, READ_INSTANCE + text, { mode: 0o644 });
  const pids = ['-p', `${directory}/pids/main`, '-r', `${directory}/pids/vrrp`];
  keepalived = spawn('nsenter', within('keepalived', '-n', '-l', '-G', '-P', '-f', configFile, ...pids), {
    stdio: 'ignore',
  });
});
afterAll(async () => {
  keepalived.kill('SIGTERM');
  await pollUntil(systemClock, 10_000, 50, () =>
    Promise.resolve(keepalived.exitCode === null && keepalived.signalCode === null ? undefined : true),
  );
  host.kill('SIGKILL');
  rmSync(directory, { recursive: true, force: true });
});

test('keepalived accepts the configuration without a word of complaint', () => {
  expect(run('nsenter', ...within('keepalived', '-t', '-f', configFile))).toBe('');
});

test('it starts in FAULT with the gate closed, whatever the gate held before', async () => {
  expect(await until(observe, (it) => it.includes('"FAULT"'))).toBe(true);
  expect(readFileSync(gateFile, 'utf8').trim()).toBe('1');
  expect(vip()).toMatchObject([{ value: { present: false } }, { value: { present: false } }]);
});

test('an open gate brings the VIP, seen by both ways of looking', async () => {
  await writeGate(gateFile, true);
  expect(await until(observe, (it) => it.includes('"MASTER"'))).toBe(true);
  const seen = { kind: 'known', value: { present: true, interface: 'v0' } };
  expect(vip()).toEqual([seen, seen]);
});

test('another instance keeps its read VIP while ours is in FAULT, and is not taken for ours', async () => {
  await writeGate(gateFile, false);
  expect(
    await until(
      () => ip('address', 'show', 'v0'),
      (it) => it.includes('10.99.7.101'),
    ),
  ).toBe(true);
  expect(await until(observe, (it) => it.includes('"FAULT"'))).toBe(true);
  expect(vip()).toMatchObject([{ value: { present: false } }, { value: { present: false } }]);
  expect(
    inside(`
    const { createKeepalivedCheck } = await import('${MODULES}world/keepalived/check.ts');
    const files = { configFile: '${configFile}', gateFile: '${gateFile}', vrrpInstance: 'primacy' };
    console.log(JSON.stringify(createKeepalivedCheck(files)()));`),
  ).toMatchObject(
    ['config_file', 'track_file', 'script', 'dead_man'].map((check) => ({ check, intact: { value: true } })),
  );
  await writeGate(gateFile, true);
  expect(await until(observe, (it) => it.includes('"MASTER"'))).toBe(true);
});

test('a closed gate takes it away', async () => {
  await writeGate(gateFile, false);
  expect(await until(vip, (it) => !it.includes('"present":true'))).toBe(true);
});

test('a stopped keepalived runs, and its VRRP state is unknown', async () => {
  const pid = Number(readFileSync(`${directory}/pids/main`, 'utf8'));
  process.kill(pid, 'SIGSTOP');
  try {
    expect(await until(observe, (it) => it.includes('stopped by a signal'))).toBe(true);
  } finally {
    process.kill(pid, 'SIGCONT');
  }
  expect(await until(observe, (it) => it.includes('"FAULT"'))).toBe(true);
});

test('an address on an interface without carrier is still seen', () => {
  ip('address', 'add', '10.99.7.100/32', 'dev', 'v1');
  ip('link', 'set', 'v0', 'down');
  expect(vip()).toMatchObject([{ value: { present: true } }, { value: { present: true, interface: 'v1' } }]);
  ip('address', 'delete', '10.99.7.100/32', 'dev', 'v1');
});

test('stopKeepalived ends it for certain, and says whether it ran', () => {
  const stop = `
    const { stopKeepalived } = await import('${MODULES}world/keepalived/process.ts');
    const { systemClock } = await import('${MODULES}world/clock.ts');
    const { localRunner } = await import('${MODULES}world/remote/local-runner.ts');
    console.log(JSON.stringify(await stopKeepalived(localRunner, systemClock, 5)));`;
  expect(inside(stop)).toEqual({ wasRunning: true });
  expect(inside(stop)).toEqual({ wasRunning: false });
});
