/** The agent's local socket, root's alone: what this agent sees and decides, for commands on the same host. */
import { chmodSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { errorText, PrimacyError } from '../../core/model/primacy-error.ts';
import { bootMillis } from '../../world/clock.ts';
import type { Identity } from '../identify.ts';
import type { LeaseService } from '../lease/lease-service.ts';
import type { Reload } from '../reload.ts';
import type { KeeperState, PromotionAnswer } from './keeper.ts';
import { votersDocument } from '../start/voters.ts';
import { parsePauseRequest, parseResumeRequest } from './pause-lease.ts';
import type { PeopleRequests } from './people-requests.ts';
import { stateDocument } from './state-document.ts';
import { parseSwitchoverRequest } from './switch-over.ts';
import { parseOverrideRequest } from './take-override.ts';

/** A voter that answered no request of this time is silent, for a start. */
const VOTERS_FRESH_MS = 1_500;
/** The words of a person and a number. */
const BODY_LIMIT_CHARACTERS = 4_096;
const BODY_LIMIT_MS = 1_000;

export interface SocketParts {
  readonly identity: Identity;
  readonly lease: LeaseService;
  /** Undefined on a witness; null before the first look. */
  readonly keeper: (() => KeeperState | null) | undefined;
  /** Undefined on a witness. */
  readonly promote: (() => Promise<PromotionAnswer>) | undefined;
  readonly reload: Reload;
  /** Undefined on a witness. */
  readonly people: PeopleRequests | undefined;
}

/** Listens at `path`, replacing what an earlier agent left there. Throws `refused` where it cannot. */
export async function openAgentSocket(path: string, parts: SocketParts): Promise<Server> {
  rmSync(path, { force: true });
  const server = createServer((request, response) => {
    void respond(parts, request).then(({ status, body }) =>
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

/** By route. Each reads its document strictly. */
const PEOPLE: Readonly<Record<string, (people: PeopleRequests, document: unknown) => Promise<unknown>>> = {
  'POST /override': (people, document) => people.override(parseOverrideRequest(document)),
  'POST /pause': (people, document) => people.pause(parsePauseRequest(document)),
  'POST /resume': (people, document) => people.resume(parseResumeRequest(document)),
  'POST /switchover': (people, document) => people.switchover(parseSwitchoverRequest(document)),
};

/** Never rejects. */
async function respond(
  parts: SocketParts,
  request: IncomingMessage,
): Promise<{ readonly status: number; readonly body: unknown }> {
  const route = `${request.method ?? ''} ${request.url ?? ''}`;
  try {
    if (route === 'GET /state') return { status: 200, body: stateDocument(parts) };
    if (route === 'GET /voters')
      return { status: 200, body: votersDocument(parts.lease, bootMillis(), VOTERS_FRESH_MS) };
    if (route === 'GET /reload') return { status: 200, body: parts.reload.state() };
    if (route === 'POST /reload') return { status: 200, body: await parts.reload.ask() };
    if (route === 'POST /promote' && parts.promote !== undefined)
      return { status: 200, body: await parts.promote() };
    const asked = parts.people === undefined ? undefined : PEOPLE[route];
    if (parts.people !== undefined && asked !== undefined)
      return { status: 200, body: await asked(parts.people, await documentOf(request)) };
    return { status: 404, body: { error: `cannot answer ${route}: no such request on this node` } };
  } catch (error) {
    const status = error instanceof PrimacyError && error.code === 'usage' ? 400 : 500;
    return { status, body: { error: errorText(error) } };
  }
}

/** What was sent, as JSON. Throws `usage` where it is none, is too long, or does not come. */
async function documentOf(request: IncomingMessage): Promise<unknown> {
  const timer = setTimeout(() => request.destroy(new Error('it did not come in time')), BODY_LIMIT_MS);
  try {
    let text = '';
    request.setEncoding('utf8');
    // Whoever sent too much still gets an answer.
    for await (const part of request.iterator({ destroyOnReturn: false })) {
      text += part as string;
      if (text.length > BODY_LIMIT_CHARACTERS)
        throw new Error(`more than ${BODY_LIMIT_CHARACTERS} characters`);
    }
    return JSON.parse(text);
  } catch (error) {
    throw new PrimacyError('usage', `cannot read the request: ${errorText(error)}`, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}
