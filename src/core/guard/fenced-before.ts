/** Whether a primary was ended by another guard than its agent, the fuse or the dead-man script, when its lease ended: pure. */
import type { Duty, DutySnapshot } from './duty.ts';

export interface Serving {
  /** When this agent last saw the server out of the middle of a change, it was writable and this node was entitled. */
  readonly serves: boolean;
  /** It serves no more, and not by anything that this agent did. */
  readonly fenced: boolean;
}

/**
 * What one look more says. `busy`: a procedure of this agent is under way, which tells its own end. A server that ended while the node was
 * entitled was not fenced: people, a crash, or a step-down ended it.
 */
export function fencedBefore(
  serves: boolean,
  { lease, server }: DutySnapshot,
  duty: Duty,
  busy: boolean,
): Serving {
  const entitled = lease.entitledUntil !== null;
  if (busy || duty.kind === 'fence' || duty.kind === 'observe') return { serves: false, fenced: false };
  switch (server.state) {
    case 'none':
    case 'recovery':
      return { serves: false, fenced: serves && !entitled };
    case 'writable':
      return { serves: entitled, fenced: false };
    case 'between':
    case 'orphans':
    case 'unknown':
      return { serves, fenced: false };
  }
}
