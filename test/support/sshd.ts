/** A real sshd on loopback with its own host key and one key that can run one command, in a temporary folder. */
import { spawn, type ChildProcess } from 'node:child_process';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from './free-port.ts';
import { killTree } from './process-tree.ts';

const run = promisify(execFile);
const READY_LIMIT_MS = 10_000;

export interface Sshd {
  readonly port: number;
  readonly user: string;
  /** `TYPE BASE64`. */
  readonly hostKey: string;
  readonly privateKey: string;
  /** SIGKILL to the listener and all its sessions. */
  readonly stop: () => Promise<void>;
}

/** Starts it; `script` is run by /bin/sh for every request, with SSH_ORIGINAL_COMMAND set. */
export async function startSshd(script: string): Promise<Sshd> {
  const directory = await mkdtemp(join(tmpdir(), 'primacy-sshd-'));
  const path = (name: string): string => join(directory, name);
  for (const name of ['host', 'client'])
    await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', path(name)]);
  await writeFile(path('forced.sh'), `#!/bin/sh\n${script}\n`);
  await chmod(path('forced.sh'), 0o755);
  const publicKey = (await readFile(path('client.pub'), 'utf8')).trim();
  await writeFile(path('authorized_keys'), `command="${path('forced.sh')}",restrict ${publicKey}\n`, {
    mode: 0o600,
  });
  const port = await freePort();
  await writeFile(
    path('sshd_config'),
    [
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      `HostKey ${path('host')}`,
      `AuthorizedKeysFile ${path('authorized_keys')}`,
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'PermitRootLogin forced-commands-only',
      'UsePAM no',
      'StrictModes no',
      'PidFile none',
      '',
    ].join('\n'),
  );
  // sshd wants this folder even where it separates nothing.
  await run('mkdir', ['-p', '/run/sshd']);
  const child = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', path('sshd_config')], {
    detached: true,
    stdio: 'ignore',
  });
  await waitForPort(port, child);
  const [type, blob] = (await readFile(path('host.pub'), 'utf8')).split(' ');
  return {
    port,
    user: userInfo().username,
    hostKey: `${type} ${blob}`,
    privateKey: await readFile(path('client'), 'utf8'),
    stop: async () => {
      // Sessions outlive their listener: they are found as its children before it dies.
      await killTree(child);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function waitForPort(port: number, child: ChildProcess): Promise<void> {
  const end = performance.now() + READY_LIMIT_MS;
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    const open = await Promise.race([
      once(socket, 'connect').then(
        () => true,
        () => false,
      ),
      once(socket, 'error').then(() => false),
    ]);
    socket.destroy();
    if (open) return;
    if (child.exitCode !== null || performance.now() > end) throw new Error('sshd did not start');
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
  }
}
