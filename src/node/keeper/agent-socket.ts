/** The agent's local socket, root's alone: what this agent sees and decides, for commands on the same host. */
import { chmodSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { errorText, PrimacyError } from '../../core/model/primacy-error.ts';
import { bootMillis } from '../../world/clock.ts';
import type { Identity } from '../identify.ts';
import type { LeaseService } from '../lease/lease-service.ts';
import type { KeeperState, PromotionAnswer } from './keeper.ts';
import { votersDocument } from '../start/voters.ts';
import { stateDocument } from './state-document.ts';

/** A voter that answered no request of this time is silent, for a start. */
const VOTERS_FRESH_MS = 1_500;

export interface SocketParts {
  readonly identity: Identity;
  readonly lease: LeaseService;
  /** Undefined on a witness; null before the first look. */
  readonly keeper: (() => KeeperState | null) | undefined;
  /** Undefined on a witness. */
  readonly promote: (() => Promise<PromotionAnswer>) | undefined;
}

/** Listens at `path`, replacing what an earlier agent left there. Throws `refused` where it cannot. */
export async function openAgentSocket(path: string, parts: SocketParts): Promise<Server> {
  rmSync(path, { force: true });
  const server = createServer((request, response) => {
    void respond(parts, `${request.method ?? ''} ${request.url ?? ''}`).then(({ status, body }) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`),
    );
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

/** Never rejects. */
async function respond(
  parts: SocketParts,
  route: string,
): Promise<{ readonly status: number; readonly body: unknown }> {
  try {
    if (route === 'GET /state') return { status: 200, body: stateDocument(parts) };
    if (route === 'GET /voters')
      return { status: 200, body: votersDocument(parts.lease, bootMillis(), VOTERS_FRESH_MS) };
    if (route === 'POST /promote' && parts.promote !== undefined)
      return { status: 200, body: await parts.promote() };
    return { status: 404, body: { error: `cannot answer ${route}: no such request on this node` } };
  } catch (error) {
    return { status: 500, body: { error: errorText(error) } };
  }
}
