/** What "join as a standby" is asked for and how it ends: the words that agent, command and rejoin share. */
import type { ResponderConfig } from '../../config/schema.ts';
import type { DivergenceAccount } from '../../core/model/account.ts';
import type { NodeName } from '../../core/model/names.ts';
import type { RejoinMethod } from '../../world/files/rejoin-manifest.ts';
import type { Order, ProcedureContext } from '../procedures/context.ts';
import type { RunStep } from '../procedures/run-step.ts';

/** `observe`: nothing is changed. `approve`: data is discarded only without client transactions. `auto`: once it is in a bundle. */
export type JoinPolicy = ResponderConfig['policy'];

export const JOIN_REFUSALS = [
  /** Another procedure has the node lock: it goes on, this one does not. */
  'locked',
  'policy-observes',
  /** A marker that people or the responder set. */
  'fenced',
  /** Somebody else's rejoin stands half done. */
  'rejoin-interrupted',
  /** The VIP could not be proven gone from here. */
  'vip-here',
  /** The holder does not answer as a writable primary of this cluster (yet). */
  'holder-not-writable',
  /** The own server still replays the WAL it has. */
  'replaying',
  /** It would discard client transactions; the node now stands fenced with this word as the marker's reason, and the bundle is kept. */
  'client-transactions',
  /** An account could not be made: nothing may be discarded. */
  'not-accountable',
] as const;
export type JoinRefusal = (typeof JOIN_REFUSALS)[number];

/** What had to be done to follow: nothing, a reload, a plain start, pg_rewind, or a base backup. */
export type JoinMethod = 'already' | 'reload' | 'start' | Exclude<RejoinMethod, 'none'>;

export type JoinEnd =
  | {
      readonly kind: 'following';
      readonly how: JoinMethod;
      /** Null where nothing could have diverged, so that nothing was counted. */
      readonly account: DivergenceAccount | null;
    }
  | {
      readonly kind: 'refused';
      readonly code: JoinRefusal;
      /** One sentence without full stop. */
      readonly reason: string;
      readonly account: DivergenceAccount | null;
    };

export type JoinOutcome = JoinEnd & { readonly seconds: number };

/** What the parts of a join share. */
export interface Joining {
  readonly context: ProcedureContext;
  readonly holder: NodeName;
  readonly order: Order;
  readonly policy: JoinPolicy;
  readonly step: RunStep;
}
