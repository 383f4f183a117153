/** Makes page, Prometheus and Alertmanager reachable on this machine's loopback, by sockets opened here and served inside `mon`. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PrimacyError } from '../../core/model/primacy-error.ts';
import { hostDirectory } from '../state.ts';
import { marker } from './processes.ts';

const FORWARDER = fileURLToPath(new URL('../programs/forward.ts', import.meta.url));

/** Ports inside `mon`, in the order in which sockets are handed over: page, Prometheus, Alertmanager. */
const TARGET_PORTS = [10_188, 9090, 9093] as const;

export interface Doors {
  readonly servers: readonly Server[];
  /** Port on 127.0.0.1 of page, Prometheus and Alertmanager. */
  readonly ports: readonly [number, number, number];
}

/** Opens the listening sockets; 0 chooses a free port. */
export async function openDoors(ports: readonly [number, number, number] = [0, 0, 0]): Promise<Doors> {
  const servers = await Promise.all(
    ports.map(async (port) => {
      const server = createServer();
      server.listen(port, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }),
  );
  const [page, prometheus, alertmanager] = servers.map((server) => (server.address() as AddressInfo).port);
  if (page === undefined || prometheus === undefined || alertmanager === undefined) {
    throw new PrimacyError('command-failed', 'cannot open the ports of the lab on loopback');
  }
  return { servers, ports: [page, prometheus, alertmanager] };
}

/**
 * Hands the sockets to a process in `mon`'s network and process namespaces and closes them here. It dies with `mon`,
 * and sees what listens inside; the sockets stay where they were opened.
 */
export async function serveDoors(lab: string, monInit: number, doors: Doors): Promise<void> {
  const log = await open(join(hostDirectory(lab, 'mon'), 'log', 'forward.log'), 'a');
  try {
    const descriptors = doors.servers.map(descriptorOf);
    const child = spawn(
      'nsenter',
      [
        '--target',
        String(monInit),
        '--net',
        '--pid',
        '--',
        process.execPath,
        FORWARDER,
        marker(lab, 'forward'),
        ...TARGET_PORTS.map(String),
      ],
      { detached: true, cwd: '/', stdio: ['ignore', log.fd, log.fd, ...descriptors] },
    );
    await once(child, 'spawn');
    child.unref();
  } finally {
    await log.close();
    for (const server of doors.servers) server.close();
  }
}

/** Node shows a listening socket's descriptor only on its handle. */
function descriptorOf(server: Server): number {
  const handle = Reflect.get(server, '_handle') as { readonly fd: number } | null;
  if (handle === null || handle.fd < 0)
    throw new PrimacyError('command-failed', 'cannot hand over a socket that is not open');
  return handle.fd;
}
