/** Keys and passwords of one lab: made anew for each, kept below its folder, gone with it. */
import { randomBytes } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runLocally } from '../../world/remote/local-runner.ts';
import type { Command } from '../../world/remote/runner.ts';
import { outputOf } from '../hosts/enter.ts';
import { labDirectory } from '../state.ts';
import { nodeHosts, type Topology } from '../topology.ts';
import type { LabSecrets } from './cluster.ts';

/** Folder with the key files, one pair for each host and one for the responder. */
export function keyDirectory(lab: string): string {
  return join(labDirectory(lab), 'keys');
}

/** Makes all keys and passwords. */
export async function makeSecrets(lab: string, topology: Topology): Promise<LabSecrets> {
  const folder = keyDirectory(lab);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const named = nodeHosts(topology);
  const keys = await Promise.all(
    ['responder', ...named.map((host) => host.name)].map(
      async (name) => [name, await makeKey(folder, name)] as const,
    ),
  );
  const byName = new Map(keys);
  return {
    hostKeys: byName,
    responderKey: byName.get('responder') ?? '',
    databasePassword: randomBytes(18).toString('base64url'),
    clientPassword: randomBytes(18).toString('base64url'),
    webhookToken: randomBytes(24).toString('base64url'),
    clusterSecret: randomBytes(32).toString('base64url'),
  };
}

async function makeKey(folder: string, name: string): Promise<string> {
  const path = join(folder, name);
  const command: Command = {
    program: 'ssh-keygen',
    arguments: ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', path],
    timeoutMs: 10_000,
  };
  outputOf(command, await runLocally(command));
  const [type, key] = (await readFile(`${path}.pub`, 'utf8')).split(' ');
  return `${type} ${key}`;
}
