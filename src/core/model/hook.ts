/** After which events a user's command may run, and how such a run ends: the words that configuration, metrics and journal share. */

export const HOOK_EVENTS = [
  /** This node's server was promoted, and its epoch row is committed. */
  'promoted',
  /** This node's agent fenced it. */
  'fenced',
  /** This node is a standby again, by a start, pg_rewind or a base backup. */
  'rejoined',
  /** This node gave its place to a successor, because a person asked for a switchover. */
  'switchedOver',
] as const;
export type HookEvent = (typeof HOOK_EVENTS)[number];

export const HOOK_RESULTS = [
  'done',
  /** Another exit code than 0, a signal, or it could not be started. */
  'failed',
  'timed_out',
  /** Never begun: too many were waiting, or the agent ended. */
  'dropped',
] as const;
export type HookResult = (typeof HOOK_RESULTS)[number];
