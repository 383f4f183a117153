/** How a holder begins and ends a pause of its lease: begun by what it asks for, ended only once nothing of it relies on the pause. */
import type { HolderState } from './holder.ts';
import { endPause, startPause, type PauseWords } from './pause.ts';
import type { VoterMemory } from './voter.ts';

/** Asks for a long lease; a majority's writing makes it count. Never shorter than it is already, and not under an override. */
export function beginPause(
  state: HolderState,
  memory: VoterMemory,
  untilMs: number,
  words: PauseWords,
): HolderState {
  if (state.kind !== 'holding' || state.override !== null) return state;
  if (untilMs <= (state.pause?.untilMs ?? Number.NEGATIVE_INFINITY)) return state;
  return { ...state, pause: startPause(state.pause, memory.pause?.number ?? 0, untilMs, words) };
}

/**
 * Ends it, also one that an earlier agent of this node told of and that only the voters still know. From here on every voter is told; the
 * caller has taken the long deadline from the fences before.
 */
export function finishPause(state: HolderState, memory: VoterMemory): HolderState {
  if (state.kind !== 'holding') return state;
  const { pause } = state;
  if (pause !== null) return { ...state, pause: endPause(pause) };
  const told = memory.pause;
  if (told === null || told.waitMs === 0) return state;
  const unknown = { ...told, untilMs: 0, acknowledged: new Set<never>(), countedUntilMs: null };
  return { ...state, pause: endPause(unknown) };
}
