/** The agent's local socket, root's alone: what this agent sees and decides, for commands on the same host. */
import { chmodSync, rmSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { errorText, PrimacyError } from '../../core/model/primacy-error.ts';
import { bootMillis } from '../../world/clock.ts';
import type { Identity } from '../identify.ts';
import type { LeaseService } from '../lease/lease-service.ts';
import type { PeerProbe } from '../peer-probe.ts';
import type { KeeperState } from './keeper.ts';
import { votersDocument } from '../start/voters.ts';
import { stateDocument } from './state-document.ts';

/** A voter that answered no request of this time is silent, for a start. */
const VOTERS_FRESH_MS = 1_500;

export interface SocketParts {
  readonly identity: Identity;
  readonly lease: LeaseService;
  readonly probe: PeerProbe;
  /** Undefined on a witness; null before the first look. */
  readonly keeper: (() => KeeperState | null) | undefined;
}

/** Listens at `path`, replacing what an earlier agent left there. Throws `refused` where it cannot. */
export async function openAgentSocket(path: string, parts: SocketParts): Promise<Server> {
  rmSync(path, { force: true });
  const server = createServer((request, response) => {
    const route = `${request.method ?? ''} ${request.url ?? ''}`;
    try {
      if (route === 'GET /state') answer(response, 200, stateDocument(parts));
      else if (route === 'GET /voters')
        answer(response, 200, votersDocument(parts.lease, bootMillis(), VOTERS_FRESH_MS));
      else answer(response, 404, { error: `cannot answer ${route}: no such request` });
    } catch (error) {
      answer(response, 500, { error: errorText(error) });
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) =>
      reject(new PrimacyError('refused', `cannot listen on ${path}: ${errorText(error)}`, { cause: error })),
    );
    server.listen(path, resolve);
  });
  chmodSync(path, 0o600);
  return server;
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
}
