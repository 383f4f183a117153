/** What a step of the lease machine asks of whoever runs it. */
import type { NodeName } from '../model/names.ts';
import type { LeaseMessage } from './message.ts';
import type { VoterMemory } from './voter.ts';

/**
 * What has to be done, in this order: `persist` durably, then send. All of it must be done before the next call, which takes it for done.
 * A machine whose `persist` failed must be given up.
 */
export interface Effects<Report> {
  readonly persist: VoterMemory | null;
  readonly send: readonly { readonly to: NodeName; readonly message: LeaseMessage<Report> }[];
}

export const NOTHING: Effects<never> = { persist: null, send: [] };
