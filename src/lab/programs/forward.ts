/** Carries connections from inherited listening sockets to ports of the network namespace it runs in. Arguments: marker, then one port per descriptor from 3 on. */
import { connect, createServer, type Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';

const FIRST_DESCRIPTOR = 3;

process.argv.slice(3).forEach((port, index) => {
  createServer((client) => void carry(client, Number(port))).listen({ fd: FIRST_DESCRIPTOR + index });
});

/** One connection, both ways, until either side ends it. A target that does not answer ends the client's connection too. */
async function carry(client: Socket, port: number): Promise<void> {
  const target = connect(port, '127.0.0.1');
  const outcomes = await Promise.allSettled([pipeline(client, target), pipeline(target, client)]);
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected') process.stderr.write(`port ${port}: ${String(outcome.reason)}\n`);
  }
}
