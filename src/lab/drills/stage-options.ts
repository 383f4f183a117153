/** How a story is told: in full or shortened, and what it can see of the alerts that it must raise. */
import type { WatchedAlert } from '../measure/alerts.ts';
import type { ExpectedAlert } from './drill.ts';

export interface StageOptions {
  /** No fault that stands for a given time stands longer than this; null: as long as the story says. */
  readonly standSeconds: number | null;
  /** How often what is repeated is repeated; null: as often as the story says. */
  readonly repetitions: number | null;
  /** Whether the alerts of the drill are waited for and judged. */
  readonly judgeAlerts: boolean;
}

/** A story as it is written. */
export const IN_FULL: StageOptions = { standSeconds: null, repetitions: null, judgeAlerts: true };

/** The alerts that a drill must raise, and those that were seen until now. */
export interface Alarms {
  readonly expected: readonly ExpectedAlert[];
  readonly seen: () => readonly WatchedAlert[];
}
