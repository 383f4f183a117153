/** Seconds as Prometheus and Alertmanager write them: their durations are whole numbers with a unit. */

/** `1s` for 1, `250ms` for 0.25; rounded to milliseconds. */
export function duration(seconds: number): string {
  const milliseconds = Math.round(seconds * 1000);
  return milliseconds % 1000 === 0 ? `${milliseconds / 1000}s` : `${milliseconds}ms`;
}
