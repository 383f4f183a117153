/** Watches Prometheus for firing alerts while a drill runs: an alert that is over cannot be asked for afterwards. */
import { z } from 'zod';
import { systemClock } from '../../world/clock.ts';

export interface FiringAlert {
  readonly name: string;
  /** Of what it is about; null where it is about the whole cluster. */
  readonly node: string | null;
  readonly severity: string;
  /** Milliseconds since 1970 of the evaluation that found it. */
  readonly since: number;
  /** Whether it names a playbook: then it tells of something to be repaired, not only of something to be seen. */
  readonly asksForRepair: boolean;
}

/** An alert as it was watched. Moments in milliseconds since 1970, by looks 0.2 s apart. */
export interface WatchedAlert extends FiringAlert {
  readonly firedAt: number;
  /** When it was last seen to have ended; null while it fires. */
  readonly resolvedAt: number | null;
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

type RawAlert = z.infer<typeof alertsSchema>['data']['alerts'][number];

/** Alerts that fire at this moment. Throws where Prometheus does not answer. */
export async function firingAlerts(prometheus: string): Promise<readonly FiringAlert[]> {
  return (await askAlerts(prometheus)).filter((alert) => alert.state === 'firing').map(readAlert);
}

/** Names of alerts that fire or are about to, without those that only inform. Throws where Prometheus does not answer. */
export async function activeAlerts(prometheus: string): Promise<readonly string[]> {
  const alerts = (await askAlerts(prometheus)).map(readAlert);
  return alerts.filter((alert) => alert.severity !== 'info').map(alertName);
}

/** `NAME on NODE`, or the name alone. */
export function alertName({ name, node }: Pick<FiringAlert, 'name' | 'node'>): string {
  return node === null ? name : `${name} on ${node}`;
}

async function askAlerts(prometheus: string): Promise<readonly RawAlert[]> {
  const response = await fetch(`${prometheus}/api/v1/alerts`, { signal: AbortSignal.timeout(HTTP_LIMIT_MS) });
  return alertsSchema.parse(await response.json()).data.alerts;
}

function readAlert({ labels, activeAt }: RawAlert): FiringAlert {
  return {
    name: labels['alertname'] ?? '',
    node: labels['node'] ?? null,
    severity: labels['severity'] ?? '',
    since: Date.parse(activeAt),
    asksForRepair: labels['remediation'] !== undefined,
  };
}

export interface AlertWatch {
  /** Every alert seen firing so far, the earliest moment of each on each node, earliest first. */
  readonly seen: () => readonly WatchedAlert[];
  readonly stop: () => Promise<void>;
}

/** Begins to watch; a look that fails is made again. */
export function watchAlerts(prometheus: string): AlertWatch {
  let watched: readonly WatchedAlert[] = [];
  const abort = new AbortController();
  const loop = async (): Promise<void> => {
    while (!abort.signal.aborted) {
      try {
        watched = afterLook(watched, await firingAlerts(prometheus), Date.now());
      } catch (error) {
        process.stderr.write(`Prometheus did not tell its alerts, asking again: ${String(error)}\n`);
      }
      await systemClock.wait(INTERVAL_MS);
    }
  };
  const ended = loop();
  return {
    seen: () => watched.toSorted((a, b) => a.since - b.since),
    stop: async () => {
      abort.abort();
      await ended;
    },
  };
}

/** What is known after one more look: an alert that came back keeps its first moment and is not over. */
export function afterLook(
  watched: readonly WatchedAlert[],
  firing: readonly FiringAlert[],
  at: number,
): readonly WatchedAlert[] {
  const names = new Map(firing.map((alert) => [alertName(alert), alert]));
  const known = new Set(watched.map(alertName));
  const before = watched.map((alert) => {
    const still = names.get(alertName(alert));
    if (still === undefined) return { ...alert, resolvedAt: alert.resolvedAt ?? at };
    return { ...alert, since: Math.min(alert.since, still.since), resolvedAt: null };
  });
  const fresh = [...names.values()].filter((alert) => !known.has(alertName(alert)));
  return [...before, ...fresh.map((alert) => ({ ...alert, firedAt: at, resolvedAt: null }))];
}
