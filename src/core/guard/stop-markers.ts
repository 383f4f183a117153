/** The fence markers of a planned stop: they keep agent and responder from starting what a person stopped, until `primacy start`. */

/** Stopped, and the lease stays here while the agent lives: nobody takes over. */
export const STOPPED = 'stopped';
/** Stopped so that a ready successor takes over. */
export const STOPPED_FOR_SUCCESSOR = 'stopped-for-successor';

/** Whether `primacy start` may lift a marker with that reason. */
export function isPlannedStop(reason: string): boolean {
  return reason === STOPPED || reason === STOPPED_FOR_SUCCESSOR;
}
