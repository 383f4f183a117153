/** How an agent that ends in order leaves its lease behind: as a short pause of its own, which the agent that comes next ends at once. */
import type { PauseNotice, PauseWords } from './pause.ts';

/** Who asked for it. No person may pause under this name. */
export const LEAVING_AGENT = 'primacy agent';

/** `until`: RFC 3339 by the holder's wall clock. */
export function leaveWords(until: string): PauseWords {
  return { by: LEAVING_AGENT, reason: 'this agent begins again', until };
}

/** Whether that pause is one of an agent, and not of people. */
export function isLeave({ by }: PauseWords): boolean {
  return by === LEAVING_AGENT;
}

/** Whether voters may still wait for the end of a leave: `told` is the newest pause that this node has in writing. */
export function isLeaveOpen(told: PauseNotice | null): boolean {
  return told !== null && told.waitMs > 0 && isLeave(told.words);
}
