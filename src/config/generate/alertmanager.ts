/** Writes alertmanager.yml: every alert goes to the responder's webhook at once, except those that only follow from another one. */
import { dump } from 'js-yaml';
import type { Config } from '../schema.ts';

export interface AlertmanagerOptions {
  /** Base URL of the responder as Alertmanager reaches it. */
  readonly responderUrl: string;
  /** File that holds the webhook's bearer token. */
  readonly tokenFile: string;
  /** How long a first notification waits for more alerts of its group. Default 0: none of ours is worth waiting for. */
  readonly groupWaitSeconds?: number;
}

const RESPONDER = 'primacy-responder';
/** Where alerts of other systems end in this file: people put their own receivers here. */
const NOBODY = 'nobody';

/** Without a primary, or a lease by which one may be, nobody can stream, write a heartbeat or carry the VIP: one notification is enough. */
const NO_PRIMARY = ['PostgresNoPrimary', 'LeaseNotHeld'];
const FOLLOW_FROM_NO_PRIMARY = ['VipMissing', 'HeartbeatStale', 'ReplicationBroken', 'ReplicationLagHigh'];

/** People are at work: what agents, keepalived and standbys miss meanwhile is known. What is dangerous, or needs a repair, is told as always. */
const KNOWN_IN_A_PAUSE = [
  'AgentDown',
  'KeepalivedDown',
  'KeepalivedFault',
  'FenceGuardMissing',
  'FailoverBlocked',
  'LeaseQuorumAtRisk',
  'ReplicationBroken',
  'ReplicationLagHigh',
];

/**
 * The whole of alertmanager.yml for Alertmanager 0.25, as text.
 * `webhook_configs` has no `timeout` before 0.28; the responder answers in milliseconds and does not need it.
 */
export function alertmanagerConfiguration(config: Config, options: AlertmanagerOptions): string {
  const clusters = config.clusters.map((cluster) => cluster.name).join('|');
  return dump({
    route: {
      receiver: NOBODY,
      routes: [
        {
          receiver: RESPONDER,
          matchers: [`cluster=~"${clusters}"`],
          // One notification tells of one alert in one cluster, with all nodes that have it.
          group_by: ['cluster', 'alertname'],
          group_wait: `${options.groupWaitSeconds ?? 0}s`,
          group_interval: '1s',
          repeat_interval: '1h',
          continue: true,
        },
      ],
    },
    inhibit_rules: [
      {
        source_matchers: [`alertname=~"${NO_PRIMARY.join('|')}"`],
        target_matchers: [`alertname=~"${FOLLOW_FROM_NO_PRIMARY.join('|')}"`],
        equal: ['cluster'],
      },
      {
        source_matchers: ['alertname="ClusterPaused"'],
        target_matchers: [`alertname=~"${KNOWN_IN_A_PAUSE.join('|')}"`],
        equal: ['cluster'],
      },
    ],
    receivers: [
      { name: NOBODY },
      {
        name: RESPONDER,
        webhook_configs: [
          {
            url: `${options.responderUrl.replace(/\/+$/, '')}/api/v1/webhook`,
            send_resolved: true,
            // A cut list would hide a node that took part.
            max_alerts: 0,
            http_config: {
              authorization: { type: 'Bearer', credentials_file: options.tokenFile },
            },
          },
        ],
      },
    ],
  });
}
