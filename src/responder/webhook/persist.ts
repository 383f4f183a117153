/** Stage 3: what was understood is on disk before it is acknowledged. */
import type { EpochMillis } from '../../core/model/names.ts';
import { appendEntry } from '../store/journal.ts';
import type { Store } from '../store/store.ts';
import type { Alert, Notification } from './notification.ts';

export interface Persisted {
  /** Alerts of this message that were not known before; 0 = a repeat. */
  readonly newAlerts: number;
  /** Clusters of ours that the message names, repeats included: each is looked at. */
  readonly clusters: readonly string[];
  /** What `cluster` said where it is none of ours; null stands for an alert without that label. */
  readonly unknownClusters: readonly (string | null)[];
}

/** One transaction; when it returns, message, alerts and journal entries are fsynced. */
export async function persistNotification(
  store: Store,
  notification: Notification,
  body: string,
  knownClusters: ReadonlySet<string>,
  now: EpochMillis,
): Promise<Persisted> {
  const isKnown = (alert: Alert): boolean => alert.cluster !== null && knownClusters.has(alert.cluster);
  return store.transaction().execute(async (transaction) => {
    const inserted = await transaction
      .insertInto('notification')
      .values({
        received_at: now,
        group_key: notification.groupKey,
        truncated_alerts: notification.truncatedAlerts,
        body,
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    const fresh: Alert[] = [];
    for (const alert of notification.alerts) {
      const result = await transaction
        .insertInto('alert')
        .values({
          notification_id: inserted.id,
          fingerprint: alert.fingerprint,
          starts_at: alert.startsAt,
          status: alert.status,
          name: alert.name,
          cluster: alert.cluster,
          node: alert.node,
          cluster_known: isKnown(alert) ? 1 : 0,
          received_at: now,
        })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst();
      if (result.numInsertedOrUpdatedRows === 1n) fresh.push(alert);
    }
    await appendReceived(transaction, notification, fresh, now);
    await appendUnknown(
      transaction,
      fresh.filter((alert) => !isKnown(alert)),
      now,
    );
    return {
      newAlerts: fresh.length,
      clusters: distinct(notification.alerts.filter(isKnown).flatMap((alert) => alert.cluster ?? [])),
      unknownClusters: distinct(
        notification.alerts.filter((alert) => !isKnown(alert)).map((alert) => alert.cluster),
      ),
    };
  });
}

async function appendReceived(
  store: Store,
  notification: Notification,
  fresh: readonly Alert[],
  now: EpochMillis,
): Promise<void> {
  for (const cluster of distinct(fresh.map((alert) => alert.cluster))) {
    const alerts = fresh.filter((alert) => alert.cluster === cluster);
    await appendEntry(store, {
      at: now,
      cluster,
      remediation: null,
      node: null,
      event: 'notification-received',
      step: null,
      detail: {
        alerts: alerts.map(({ name, status, node, startsAt }) => ({ name, status, node, startsAt })),
        truncatedAlerts: notification.truncatedAlerts,
      },
    });
  }
}

async function appendUnknown(store: Store, alerts: readonly Alert[], now: EpochMillis): Promise<void> {
  for (const cluster of distinct(alerts.map((alert) => alert.cluster))) {
    await appendEntry(store, {
      at: now,
      cluster,
      remediation: null,
      node: null,
      event: 'alert-of-unknown-cluster',
      step: null,
      detail:
        cluster === null
          ? 'the alert has no label "cluster": nothing is done for it'
          : 'the configuration has no such cluster: nothing is done for it',
    });
  }
}

function distinct<T>(items: readonly T[]): readonly T[] {
  return [...new Set(items)];
}
