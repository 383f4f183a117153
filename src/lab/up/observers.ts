/** Starts the lab's two witnesses of the truth: the client that writes through the VIP, and the probe that writes past it. */
import { open, writeFile } from 'node:fs/promises';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { poweredInit, startDaemon } from '../hosts/enter.ts';
import { SWITCH } from '../hosts/network.ts';
import { marker } from '../hosts/processes.ts';
import { ACKNOWLEDGEMENT_LOG } from '../measure/acknowledgements.ts';
import { beatLog } from '../measure/beats.ts';
import { groundLog } from '../measure/ground.ts';
import { hostDirectory, type LabState } from '../state.ts';
import { databaseHosts, type Topology } from '../topology.ts';
import { CLIENT_PASSWORD_FILE } from './files.ts';

const CLIENT = fileURLToPath(new URL('../programs/client.ts', import.meta.url));
const PROBE = fileURLToPath(new URL('../programs/probe.ts', import.meta.url));

/** Starts the client inside its host. */
export async function startClient(state: LabState): Promise<void> {
  await writeFile(join(hostDirectory(state.name, 'client'), 'log', 'acknowledged'), '', { flag: 'a' });
  await startDaemon(await poweredInit(state.name, 'client'), {
    name: 'client',
    program: process.execPath,
    arguments: [CLIENT, marker(state.name, 'writer'), state.vip, CLIENT_PASSWORD_FILE, ACKNOWLEDGEMENT_LOG],
  });
}

/** Starts the probe in the process namespace of the switch: it dies with the lab, and sees every host's socket. */
export async function startProbe(state: LabState, topology: Topology): Promise<void> {
  const init = await poweredInit(state.name, SWITCH);
  const log = await open(join(hostDirectory(state.name, SWITCH), 'log', 'probe.log'), 'a');
  try {
    const child = spawn(
      'nsenter',
      [
        '--target',
        String(init),
        '--pid',
        '--',
        process.execPath,
        PROBE,
        marker(state.name, 'probe'),
        state.name,
        state.vip,
        beatLog(state.name),
        groundLog(state.name),
        ...databaseHosts(topology).map((host) => host.name),
      ],
      { detached: true, cwd: '/', stdio: ['ignore', log.fd, log.fd] },
    );
    await once(child, 'spawn');
    child.unref();
  } finally {
    await log.close();
  }
}
