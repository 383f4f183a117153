/** Messages as Alertmanager sends them, made from the sample that was recorded from version 0.25. */
import { randomBytes } from 'node:crypto';

export interface BodyOptions {
  /** Null = an alert without that label. */
  readonly cluster: string | null;
  readonly status?: 'firing' | 'resolved';
  readonly alertname?: string;
  readonly fingerprint?: string;
  readonly startsAt?: string;
  readonly truncatedAlerts?: number;
}

/** One message with one alert. */
export function webhookBody(options: BodyOptions): string {
  const labels = {
    alertname: options.alertname ?? 'PostgresDualPrimary',
    severity: 'critical',
    ...(options.cluster === null ? {} : { cluster: options.cluster }),
  };
  return JSON.stringify({
    receiver: 'primacy',
    status: options.status ?? 'firing',
    alerts: [
      {
        status: options.status ?? 'firing',
        labels,
        annotations: { summary: 'two primaries' },
        startsAt: options.startsAt ?? '2026-11-21T09:01:19.081Z',
        endsAt: '0001-01-01T00:00:00Z',
        generatorURL: 'http://prometheus.example:9090/graph',
        fingerprint: options.fingerprint ?? '6455eebccbc5e77c',
      },
    ],
    groupLabels: labels,
    commonLabels: labels,
    commonAnnotations: {},
    externalURL: 'http://alertmanager.example:9093',
    version: '4',
    groupKey: '{}:{}',
    truncatedAlerts: options.truncatedAlerts ?? 0,
  });
}

/** A fingerprint nobody else uses. */
export function newFingerprint(): string {
  return randomBytes(8).toString('hex');
}
