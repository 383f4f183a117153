/** Watches Prometheus for firing alerts while a drill runs: an alert that is over cannot be asked for afterwards. */
import { z } from 'zod';
import { systemClock } from '../../world/clock.ts';

export interface FiringAlert {
  readonly name: string;
  /** Milliseconds since 1970 of the evaluation that found it. */
  readonly since: number;
  /** Whether it names a playbook: then it tells of something to be repaired, not only of something to be seen. */
  readonly asksForRepair: boolean;
}

const HTTP_LIMIT_MS = 2_000;
const INTERVAL_MS = 200;

const alertsSchema = z.object({
  data: z.object({
    alerts: z.array(
      z.object({ state: z.string(), activeAt: z.string(), labels: z.record(z.string(), z.string()) }),
    ),
  }),
});

/** Alerts that fire at this moment. Throws where Prometheus does not answer. */
export async function firingAlerts(prometheus: string): Promise<readonly FiringAlert[]> {
  const response = await fetch(`${prometheus}/api/v1/alerts`, { signal: AbortSignal.timeout(HTTP_LIMIT_MS) });
  return alertsSchema
    .parse(await response.json())
    .data.alerts.filter((alert) => alert.state === 'firing')
    .map((alert) => ({
      name: alert.labels['alertname'] ?? '',
      since: Date.parse(alert.activeAt),
      asksForRepair: alert.labels['remediation'] !== undefined,
    }));
}

export interface AlertWatch {
  /** Every alert seen firing so far, the earliest moment of each, earliest first. */
  readonly seen: () => readonly FiringAlert[];
  readonly stop: () => Promise<void>;
}

/** Begins to watch; a look that fails is made again. */
export function watchAlerts(prometheus: string): AlertWatch {
  const earliest = new Map<string, FiringAlert>();
  const abort = new AbortController();
  const loop = async (): Promise<void> => {
    while (!abort.signal.aborted) {
      try {
        for (const alert of await firingAlerts(prometheus)) {
          const before = earliest.get(alert.name);
          if (before === undefined || alert.since < before.since) earliest.set(alert.name, alert);
        }
      } catch (error) {
        process.stderr.write(`Prometheus did not tell its alerts, asking again: ${String(error)}\n`);
      }
      await systemClock.wait(INTERVAL_MS);
    }
  };
  const ended = loop();
  return {
    seen: () => [...earliest.values()].toSorted((a, b) => a.since - b.since),
    stop: async () => {
      abort.abort();
      await ended;
    },
  };
}
