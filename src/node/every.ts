/** Repeats a step until it is told to stop; a step that fails is reported and repeated, never skipped in silence. */
import type { Clock } from '../world/clock.ts';

export interface Repetition {
  readonly clock: Clock;
  readonly intervalMs: number;
  readonly signal: AbortSignal;
  readonly step: () => Promise<void>;
  readonly failed: (error: unknown) => void;
}

/** Runs the step, waits, and again. Steps never overlap. Resolves once the signal is aborted and the step at hand is over. */
export async function every(repetition: Repetition): Promise<void> {
  const { clock, intervalMs, signal, step, failed } = repetition;
  while (!signal.aborted) {
    try {
      await step();
    } catch (error) {
      failed(error);
    }
    if (!signal.aborted) await waitQuietly(clock, intervalMs, signal);
  }
}

/** Waits; ends early, without an error, when the signal is aborted. */
async function waitQuietly(clock: Clock, milliseconds: number, signal: AbortSignal): Promise<void> {
  try {
    await clock.wait(milliseconds, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
