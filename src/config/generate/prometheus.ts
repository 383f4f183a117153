/** Writes prometheus.yml: every agent as a target with its cluster and node as labels, the rules, and where alerts go. */
import { dump } from 'js-yaml';
import type { ClusterConfig, Config, NodeConfig } from '../schema.ts';
import { duration } from './duration.ts';

export interface PrometheusOptions {
  /** Rule files, `/etc/primacy/rules/*.yml`. */
  readonly rulesGlob: string;
  /** `host:port` of Alertmanager. */
  readonly alertmanager: string;
  readonly scrapeIntervalSeconds: number;
  readonly evaluationIntervalSeconds: number;
}

/** A host that does not answer must not hold up what is known of it for longer than this. */
const SCRAPE_TIMEOUT_SECONDS_MAX = 10;

/** The whole of prometheus.yml for Prometheus 2.42, as text. */
export function prometheusConfiguration(config: Config, options: PrometheusOptions): string {
  return dump({
    global: {
      scrape_interval: duration(options.scrapeIntervalSeconds),
      scrape_timeout: duration(Math.min(options.scrapeIntervalSeconds, SCRAPE_TIMEOUT_SECONDS_MAX)),
      evaluation_interval: duration(options.evaluationIntervalSeconds),
      // The rules' annotations build their links with it.
      external_labels: { primacy_url: config.responder.externalUrl.replace(/\/+$/, '') },
    },
    rule_files: [options.rulesGlob],
    alerting: {
      // An alert is the same alert whatever the page's address: the label must not take part in its identity.
      alert_relabel_configs: [{ regex: 'primacy_url', action: 'labeldrop' }],
      alertmanagers: [{ static_configs: [{ targets: [options.alertmanager] }] }],
    },
    scrape_configs: [
      {
        job_name: 'primacy',
        static_configs: config.clusters.flatMap((cluster) =>
          cluster.nodes.map((node) => targetOf(cluster, node)),
        ),
      },
    ],
  });
}

function targetOf(cluster: ClusterConfig, node: NodeConfig): object {
  return {
    targets: node.addresses.slice(0, 1).map((address) => hostAndPort(address, cluster.agent.port)),
    labels: { cluster: cluster.name, node: node.name, kind: node.kind },
  };
}

function hostAndPort(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
