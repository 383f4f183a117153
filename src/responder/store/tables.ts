/** The store's tables as types. Moments are milliseconds since 1970, documents are JSON text. */
import type { Generated } from 'kysely';

/** One accepted webhook call. */
export interface NotificationTable {
  readonly id: Generated<number>;
  readonly received_at: number;
  readonly group_key: string;
  readonly truncated_alerts: number;
  readonly body: string;
}

/** One state of one alert; the key makes Alertmanager's repeats harmless. */
export interface AlertTable {
  readonly notification_id: number;
  readonly fingerprint: string;
  readonly starts_at: string;
  readonly status: 'firing' | 'resolved';
  readonly name: string;
  /** Null where the alert has no label `cluster`. */
  readonly cluster: string | null;
  readonly node: string | null;
  /** 0 where the configuration has no such cluster: recorded, shown, and nothing is done. */
  readonly cluster_known: 0 | 1;
  readonly received_at: number;
}

export type RemediationState =
  'running' | 'waiting-for-approval' | 'done' | 'failed' | 'stuck' | 'superseded';

export interface RemediationTable {
  readonly id: string;
  readonly cluster: string;
  readonly node: string;
  readonly playbook: string;
  readonly fence_number: number;
  readonly plan: string;
  readonly plan_digest: string;
  readonly state: RemediationState;
  readonly why: string | null;
  readonly started_at: number;
  readonly ended_at: number | null;
}

export interface JournalTable {
  readonly id: Generated<number>;
  readonly at: number;
  readonly cluster: string | null;
  readonly remediation: string | null;
  readonly node: string | null;
  readonly event: string;
  readonly step: string | null;
  readonly detail: string;
}

/** The last number handed out per cluster; it only grows. */
export interface FenceNumberTable {
  readonly cluster: string;
  readonly number: number;
}

export interface Tables {
  readonly notification: NotificationTable;
  readonly alert: AlertTable;
  readonly remediation: RemediationTable;
  readonly journal: JournalTable;
  readonly fence_number: FenceNumberTable;
}
