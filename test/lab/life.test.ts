/** A lab comes, lives beside another one and goes, and leaves nothing behind, also when it was killed while it was built. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { labDown } from '../../src/lab/down.ts';
import { labProcesses } from '../../src/lab/hosts/processes.ts';
import { labAccount } from '../../src/lab/measure/account.ts';
import { healthProblem } from '../../src/lab/measure/health.ts';
import { labStatus } from '../../src/lab/measure/status.ts';
import { labDirectory, type ProductLab } from '../../src/lab/state.ts';
import { DEFAULT_OPTIONS } from '../../src/lab/up/building.ts';
import { labUp } from '../../src/lab/up/up.ts';
import { runLocally } from '../../src/world/remote/local-runner.ts';
import { eventually, output, sh, startLab } from '../support/lab.ts';

const PRIMACY = fileURLToPath(new URL('../../src/cli/primacy.js', import.meta.url));

/** What the machine itself shows: links, addresses, routes and mounts. */
async function machine(): Promise<string> {
  const run = async (line: string): Promise<string> => {
    const result = await runLocally({ program: 'sh', arguments: ['-c', line], timeoutMs: 5_000 });
    return result.stdout;
  };
  return [
    await run('ip -o link | cut -d: -f2'),
    await run("ip -o address | awk '{print $2, $4}'"),
    await run('ip route'),
    readFileSync('/proc/self/mounts', 'utf8'),
  ].join('\n');
}

describe('two labs side by side', () => {
  let before = '';
  let labs: readonly ProductLab[] = [];

  beforeAll(async () => {
    before = await machine();
    labs = await Promise.all([startLab('test-left'), startLab('test-right', { nodes: 3 })]);
  });
  afterAll(async () => {
    await Promise.all([labDown('test-left'), labDown('test-right')]);
  });

  it('are both healthy', async () => {
    for (const lab of labs) expect(healthProblem(await labStatus(lab.name))).toBeNull();
  });

  it('add nothing to the network and the mounts of the machine', async () => {
    expect(await machine()).toBe(before);
  });

  it('show their own page and Prometheus on loopback ports of their own', async () => {
    expect(new Set(labs.flatMap((lab) => [lab.page, lab.prometheus, lab.alertmanager])).size).toBe(6);
    for (const lab of labs) {
      expect((await fetch(`${lab.page}/-/ready`)).status).toBe(200);
      const targets = (await (await fetch(`${lab.prometheus}/api/v1/targets`)).json()) as {
        readonly data: { readonly activeTargets: readonly unknown[] };
      };
      expect(targets.data.activeTargets).toHaveLength(lab.nodes + 1);
    }
  });

  it('let the page be asked for inside every host under the same address', async () => {
    const [lab] = labs;
    for (const host of ['pg1', 'witness', 'mon', 'client']) {
      expect(
        await output('test-left', host, `curl -s -o /dev/null -w '%{http_code}' ${lab?.page}/-/ready`),
      ).toBe('200');
    }
  });

  it('have hosts that see only their own processes, names and files', async () => {
    expect(await output('test-left', 'pg2', 'hostname')).toBe('pg2');
    expect(await output('test-left', 'pg2', 'pgrep -c -x postgres | grep -qv "^0" && echo some')).toBe(
      'some',
    );
    expect(await output('test-left', 'client', 'pgrep -x postgres || echo none')).toBe('none');
    await output('test-left', 'pg1', 'touch /tmp/mine /run/mine /etc/mine /var/log/mine');
    for (const path of ['/tmp/mine', '/run/mine', '/etc/mine', '/var/log/mine']) {
      expect({ path, seen: existsSync(path) }).toEqual({ path, seen: false });
      expect((await sh('test-left', 'pg2', `test -e ${path}`)).kind).toBe('failed');
    }
  });

  it('look like Debian: psql works bare, primacy and curl are on the path', async () => {
    const answer = await output('test-left', 'pg1', 'runuser -u postgres -- psql -Atc "show data_directory"');
    expect(answer).toBe('/var/lib/postgresql/15/main');
    expect(await output('test-left', 'mon', 'which primacy curl')).toBe(
      '/usr/local/sbin/primacy\n/usr/bin/curl',
    );
  });

  it('account for every acknowledged row', async () => {
    const account = await labAccount('test-right');
    expect(account.acknowledged).toBeGreaterThan(0);
    expect(account).toMatchObject({
      onPrimary: account.acknowledged,
      nowhere: 0,
      nowhereIds: [],
      dualPrimarySeconds: 0,
    });
  });

  it('refuse a second lab of the same name', async () => {
    const again = { ...DEFAULT_OPTIONS, name: 'test-left' };
    await expect(labUp(again, () => undefined)).rejects.toThrow(/it is there already/);
  });

  it('pass on output and exit code of a command inside a host', async () => {
    const result = await runLocally({
      program: process.execPath,
      arguments: [PRIMACY, 'lab', 'exec', 'pg2', '--name', 'test-left', '--', 'sh', '-c', 'hostname; exit 7'],
      timeoutMs: 30_000,
    });
    expect(result).toMatchObject({ kind: 'failed', exitCode: 7, stdout: 'pg2\n' });
  });

  it('go without a trace, one at a time', async () => {
    const removed = await labDown('test-left');
    expect(removed.processes).toContain('pg1');
    expect(await labProcesses('test-left')).toEqual([]);
    expect(existsSync(labDirectory('test-left'))).toBe(false);
    expect(healthProblem(await labStatus('test-right'))).toBeNull();
    await labDown('test-right');
    expect(await labProcesses('test-right')).toEqual([]);
    expect(await machine()).toBe(before);
  });

  it('can be taken down twice', async () => {
    expect(await labDown('test-left')).toEqual({ name: 'test-left', processes: [], folder: null });
  });
});

describe('a lab whose "up" was killed', () => {
  const name = 'test-killed';
  afterAll(() => labDown(name));

  it.each(['powered on', 'PostgreSQL created'])('goes without a trace after the step "%s"', async (step) => {
    const before = await machine();
    const up = spawn(process.execPath, [PRIMACY, 'lab', 'up', '--name', name], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let heard = '';
    up.stderr.on('data', (chunk: Buffer) => (heard += chunk.toString()));
    await eventually(`step ${step}`, () => Promise.resolve(heard.includes(step)));
    const exited = once(up, 'exit');
    up.kill('SIGKILL');
    await exited;
    await labDown(name);
    await eventually('no process of the lab', async () => (await labProcesses(name)).length === 0);
    expect(existsSync(labDirectory(name))).toBe(false);
    expect(await machine()).toBe(before);
  });
});
