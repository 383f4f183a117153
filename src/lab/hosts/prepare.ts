/** Makes the folders of a lab host on this machine: its /etc (a copy), /var/lib, /var/log and the folder with `primacy` on its PATH. */
import { chmod, chown, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PrimacyError } from '../../core/model/primacy-error.ts';
import { runLocally } from '../../world/remote/local-runner.ts';
import type { Command } from '../../world/remote/runner.ts';
import { hostDirectory, labDirectory, type LabState } from '../state.ts';
import type { LabHost, Topology } from '../topology.ts';
import { outputOf } from './enter.ts';

/** `primacy` inside every host; also what sshd's forced command runs. */
export const PRIMACY_COMMAND = '/usr/local/sbin/primacy';
/** The executable in this checkout, visible in every host at the same place. */
export const EXECUTABLE: string = fileURLToPath(new URL('../../cli/primacy.js', import.meta.url));

export interface Identity {
  readonly uid: number;
  readonly gid: number;
}

/** User and group of an account of this machine. Throws `missing-prerequisite` where it does not exist. */
export async function accountOf(user: string): Promise<Identity> {
  const line = (await readFile('/etc/passwd', 'utf8'))
    .split('\n')
    .find((text) => text.startsWith(`${user}:`));
  const [, , uid, gid] = line?.split(':') ?? [];
  if (uid === undefined || gid === undefined) {
    throw new PrimacyError(
      'missing-prerequisite',
      `cannot build a lab: this machine has no account ${user}, install postgresql-15`,
    );
  }
  return { uid: Number(uid), gid: Number(gid) };
}

/** Makes the folders and general files of one host (not its services' configuration). */
export async function prepareHost(state: LabState, host: LabHost, topology: Topology): Promise<void> {
  const own = hostDirectory(state.name, host.name);
  const postgres = await accountOf('postgres');
  for (const folder of ['etc', 'lib/postgresql', 'lib/primacy', 'lib/prometheus', 'log/postgresql', 'sbin']) {
    await mkdir(join(own, folder), { recursive: true });
  }
  for (const folder of ['lib/postgresql', 'log/postgresql']) {
    await chown(join(own, folder), postgres.uid, postgres.gid);
  }
  if (state.archive) {
    const archive = join(labDirectory(state.name), 'archive');
    await mkdir(archive, { recursive: true });
    await chown(archive, postgres.uid, postgres.gid);
  }
  if (host.kind === 'database' && state.diskMegabytes !== null)
    await makeDisk(join(own, 'disk.img'), state.diskMegabytes, postgres);
  await copyEtc(own);
  await writeFile(join(own, 'etc/hostname'), `${host.name}\n`);
  await writeFile(join(own, 'etc/hosts'), hostsFile(topology));
  const script = `#!/bin/sh\nexec ${shellWord(process.execPath)} ${shellWord(EXECUTABLE)} "$@"\n`;
  await writeFile(join(own, 'sbin/primacy'), script);
  await chmod(join(own, 'sbin/primacy'), 0o755);
}

/** A file system of its own for the data directory, which process 1 mounts by a loop device: the only way to fill it without filling the machine. */
async function makeDisk(image: string, megabytes: number, owner: Identity): Promise<void> {
  const root = `root_owner=${owner.uid}:${owner.gid}`;
  const command: Command = {
    program: 'mkfs.ext4',
    arguments: ['-q', '-F', '-m', '0', '-E', root, image, `${megabytes}M`],
    timeoutMs: 30_000,
  };
  outputOf(command, await runLocally(command));
}

/** The switch has no services: only the folders that every process 1 mounts. */
export async function prepareSwitch(lab: string): Promise<void> {
  const own = hostDirectory(lab, 'switch');
  for (const folder of ['etc', 'lib/postgresql', 'log', 'sbin'])
    await mkdir(join(own, folder), { recursive: true });
  await copyEtc(own);
}

/** A copy, without the machine's own clusters and keys; root gets `/bin/sh`, which starts 75 ms sooner than bash for each SSH command. */
async function copyEtc(own: string): Promise<void> {
  // The copy must not go on after a killed `up`: a later `down` would find files it has just removed.
  const command: Command = {
    program: 'setpriv',
    arguments: [
      '--pdeathsig',
      'KILL',
      '--',
      'cp',
      '--archive',
      '--one-file-system',
      '/etc/.',
      join(own, 'etc'),
    ],
    timeoutMs: 30_000,
  };
  outputOf(command, await runLocally(command));
  for (const removed of [
    'postgresql',
    'keepalived',
    'ssh',
    'primacy',
    'prometheus',
    'cron.d',
    'cron.daily',
  ]) {
    await rm(join(own, 'etc', removed), { recursive: true, force: true });
    await mkdir(join(own, 'etc', removed));
  }
  await edit(join(own, 'etc/passwd'), /^(root:.*:)[^:]*$/m, '$1/bin/sh');
  // A leading "!" means locked, and sshd without PAM refuses a locked account even with a key.
  await edit(join(own, 'etc/shadow'), /^root:[^:]*:/m, 'root:*:');
}

async function edit(path: string, pattern: RegExp, replacement: string): Promise<void> {
  await writeFile(path, (await readFile(path, 'utf8')).replace(pattern, replacement));
}

function hostsFile(topology: Topology): string {
  const lines = topology.hosts.map((host) => `${host.addresses[0]} ${host.name}`);
  return ['127.0.0.1 localhost', '::1 localhost', ...lines, `${topology.vip} vip`, ''].join('\n');
}

/** Quotes a path of this machine for sh. */
function shellWord(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
