/** Ports for servers of tests, which stop and start again meanwhile: nobody else may get theirs while they are down. */
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below the range from which Linux takes the ports of outgoing connections (ip_local_port_range, 32768 and up). */
const FIRST = 15_000;
/** Each of the workers that run test files at the same time has a range of its own. */
const PER_WORKER = 4_000;

const worker = Number(process.env['VITEST_POOL_ID'] ?? '1') % 4;
let next = Math.floor(Math.random() * PER_WORKER);

/** A port of 127.0.0.1 that nobody listens on, and that this process gives to nobody again. */
export async function freePort(): Promise<number> {
  for (let tried = 0; tried < PER_WORKER; tried += 1) {
    const port = FIRST + worker * PER_WORKER + (next % PER_WORKER);
    next += 1;
    if (await isFree(port)) return port;
  }
  throw new Error('cannot find a free port');
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return false;
    throw error;
  } finally {
    server.close();
  }
}
