/** The part of Alertmanager's webhook message, version 4, that we need, as values that were checked. */
import { z } from 'zod';

export interface Alert {
  readonly status: 'firing' | 'resolved';
  readonly name: string;
  readonly cluster: string | null;
  readonly node: string | null;
  /** As sent; together with the fingerprint it names one occurrence of one alert. */
  readonly startsAt: string;
  readonly fingerprint: string;
}

export interface Notification {
  readonly groupKey: string;
  /** Alerts that Alertmanager left out of this message. */
  readonly truncatedAlerts: number;
  readonly alerts: readonly Alert[];
}

export type ParsedNotification =
  | { readonly kind: 'parsed'; readonly notification: Notification }
  /** `path` as in `$.alerts[0].startsAt`. */
  | { readonly kind: 'invalid'; readonly path: string; readonly problem: string };

const ALERTS_MAX = 10_000;
const text = z.string().max(4_096);
const labels = z.record(z.string(), z.string());

const alert = z.object({
  status: z.enum(['firing', 'resolved']),
  labels,
  startsAt: z.iso.datetime({ offset: true }),
  fingerprint: z.string().regex(/^[0-9a-f]{1,64}$/, 'expected hexadecimal digits'),
});

const message = z.object({
  version: z.literal('4'),
  groupKey: text,
  truncatedAlerts: z.number().int().min(0).default(0),
  alerts: z.array(alert).max(ALERTS_MAX),
});

/** Reads a body. Fields we do not know are accepted: newer Alertmanagers add some. */
export function parseNotification(body: string): ParsedNotification {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return { kind: 'invalid', path: '$', problem: 'not JSON' };
  }
  const result = message.safeParse(value);
  if (!result.success) {
    const [issue] = result.error.issues;
    return {
      kind: 'invalid',
      path: jsonPath(issue?.path ?? []),
      problem: issue?.message ?? 'not understood',
    };
  }
  const { groupKey, truncatedAlerts, alerts } = result.data;
  return {
    kind: 'parsed',
    notification: { groupKey, truncatedAlerts, alerts: alerts.map(alertOf) },
  };
}

function alertOf(it: z.infer<typeof alert>): Alert {
  return {
    status: it.status,
    name: it.labels['alertname'] ?? '',
    cluster: it.labels['cluster'] ?? null,
    node: it.labels['node'] ?? null,
    startsAt: it.startsAt,
    fingerprint: it.fingerprint,
  };
}

function jsonPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (sum, part) => (typeof part === 'number' ? `${sum}[${part}]` : `${sum}.${String(part)}`),
    '$',
  );
}
