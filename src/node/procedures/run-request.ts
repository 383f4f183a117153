/** Runs one request of a responder, an agent or a person on this node: the only entry to the node procedures. */
import { mkdir } from 'node:fs/promises';
import type { Paths } from '../../config/paths.ts';
import { takeNodeLock } from '../../world/files/node-lock.ts';
import type { NodeRequest, ReplyOf } from '../../world/remote/protocol.ts';
import type { Identity } from '../identify.ts';
import type { ProcedureContext } from './context.ts';
import { hostContext } from './host-context.ts';

type Ordered = Exclude<NodeRequest, { readonly verb: 'observe' }>;
type Reply = ReplyOf[Ordered['verb']];

/** Takes the node lock, runs the procedure, gives the lock back. Throws `locked` at once where another procedure runs. */
export async function runOrdered(identity: Identity, paths: Paths, request: Ordered): Promise<Reply> {
  await mkdir(paths.stateDirectory, { recursive: true });
  await mkdir(paths.runDirectory, { recursive: true });
  const lock = takeNodeLock(paths.nodeLock, request.verb);
  try {
    return await dispatch(hostContext(identity, paths, [lock.descriptor]), request);
  } finally {
    lock.release();
  }
}

/** Each procedure is loaded when it is asked for: a fence must not wait for the code of a rejoin. */
export async function dispatch(context: ProcedureContext, request: Ordered): Promise<Reply> {
  switch (request.verb) {
    case 'release-vip':
      return (await import('./release-vip.ts')).releaseVip(context, request);
    case 'fence':
      return (await import('./fence.ts')).fence(context, request);
    case 'unfence':
      return (await import('./fence.ts')).unfence(context, request);
    case 'account':
      return (await import('./account.ts')).account(context, request);
    case 'rejoin':
      return (await import('./rejoin.ts')).rejoin(context, request);
  }
}
