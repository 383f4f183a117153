/** The responder's own metrics: what it heard, what it did, and whether something waits for a person. */
import { Counter, Gauge, Registry } from 'prom-client';

export interface ResponderMetrics {
  readonly registry: Registry;
  /** Webhook calls by outcome: accepted, unauthorized, invalid, too_large, failed. */
  readonly notifications: Counter<'outcome'>;
  readonly alertsOfUnknownCluster: Counter;
  readonly truncatedNotifications: Counter;
  /** 1 for the state of the newest remediation of each cluster. */
  readonly remediationState: Gauge<'cluster' | 'state'>;
}

export const REMEDIATION_STATES = [
  'none',
  'running',
  'waiting-for-approval',
  'done',
  'failed',
  'stuck',
  'superseded',
] as const;

/** Fresh metrics with a registry of their own; `read` is asked at each scrape for the newest remediation's state per cluster. */
export function responderMetrics(
  read: () => Promise<readonly { readonly cluster: string; readonly state: string }[]>,
): ResponderMetrics {
  const registers = [new Registry()];
  const [registry] = registers as [Registry];
  const notifications = new Counter({
    name: 'primacy_responder_notifications_total',
    help: 'Webhook calls by outcome: accepted, unauthorized, invalid, too_large, failed.',
    labelNames: ['outcome'] as const,
    registers,
  });
  for (const outcome of ['accepted', 'unauthorized', 'invalid', 'too_large', 'failed'])
    notifications.inc({ outcome }, 0);
  return {
    registry,
    notifications,
    alertsOfUnknownCluster: new Counter({
      name: 'primacy_responder_alerts_of_unknown_cluster_total',
      help: 'Notifications about a cluster that the configuration does not have.',
      registers,
    }),
    truncatedNotifications: new Counter({
      name: 'primacy_responder_truncated_notifications_total',
      help: 'Notifications from which Alertmanager left alerts out.',
      registers,
    }),
    remediationState: new Gauge({
      name: 'primacy_responder_remediation_state',
      help: 'State of the newest remediation of each cluster: one series per state, 1 for the one it is in.',
      labelNames: ['cluster', 'state'] as const,
      registers,
      async collect() {
        for (const { cluster, state } of await read())
          for (const name of REMEDIATION_STATES) this.set({ cluster, state: name }, name === state ? 1 : 0);
      },
    }),
  };
}
