/** What a schema cannot see: entries that are right each by itself and contradict one another. */
import { checkInequality } from '../core/lease/inequality.ts';
import type { Problem } from './describe-issue.ts';
import type { ConfigPath } from './position.ts';
import type { ClusterConfig, Config, Timings } from './schema.ts';

/** Every contradiction in the configuration, at the later of the two places. */
export function contradictions(config: Config): readonly Problem[] {
  const clusters = [...config.clusters.entries()];
  const nodes = clusters.flatMap(([c, cluster]) =>
    [...cluster.nodes.entries()].map(([n, node]) => ({ path: ['clusters', c, 'nodes', n], node })),
  );
  return [
    ...repeated(
      'cluster name',
      clusters.map(([c, cluster]) => ({ path: ['clusters', c, 'name'], value: cluster.name })),
    ),
    ...repeated(
      'virtual address',
      clusters.map(([c, cluster]) => ({ path: ['clusters', c, 'vip'], value: withoutPrefix(cluster.vip) })),
    ),
    ...repeated(
      'virtual router id on one interface',
      clusters.map(([c, cluster]) => ({
        path: ['clusters', c, 'vrid'],
        value: `${cluster.vrid} on ${cluster.interface}`,
      })),
    ),
    ...repeated(
      'node name',
      nodes.map(({ path, node }) => ({ path: [...path, 'name'], value: node.name })),
    ),
    ...repeated(
      'address',
      nodes.flatMap(({ path, node }) =>
        node.addresses.map((value, index) => ({ path: [...path, 'addresses', index], value })),
      ),
    ),
    ...clusters.flatMap(([c, cluster]) => clusterContradictions(['clusters', c], cluster)),
  ];
}

interface Placed {
  readonly path: ConfigPath;
  readonly value: string;
}

/** One problem for each value that stands in an earlier place already. */
function repeated(what: string, entries: readonly Placed[]): readonly Problem[] {
  const first = new Map<string, ConfigPath>();
  return entries.flatMap(({ path, value }) => {
    const earlier = first.get(value);
    if (earlier === undefined) {
      first.set(value, path);
      return [];
    }
    const message = `expected a ${what} of its own, found ${JSON.stringify(value)}, which ${formatPath(earlier)} has too`;
    return [{ path, atKey: false, message }];
  });
}

function clusterContradictions(path: ConfigPath, cluster: ClusterConfig): readonly Problem[] {
  const problems: Problem[] = [];
  const complain = (at: ConfigPath, message: string): void => {
    problems.push({ path: [...path, ...at], atKey: false, message });
  };
  if (!cluster.nodes.some((node) => node.kind === 'database')) {
    complain(['nodes'], 'expected at least one node of kind database, found none');
  }
  if (cluster.vip.includes(':'))
    complain(
      ['vip'],
      `expected an IPv4 address: whether another host answers for the VIP is asked by ARP, and nobody is promoted without that answer, found ${cluster.vip}`,
    );
  for (const [n, node] of cluster.nodes.entries()) {
    if (node.kind === 'database' && node.addresses[0]?.includes(':') === true)
      complain(
        ['nodes', n, 'addresses', 0],
        `expected an IPv4 address first, as the VIP is one: keepalived leaves out a VIP of another family than its peers, found ${node.addresses[0]}`,
      );
    for (const [a, address] of node.addresses.entries()) {
      if (address !== withoutPrefix(cluster.vip)) continue;
      complain(['nodes', n, 'addresses', a], `expected an address that is not the VIP, found ${address}`);
    }
  }
  // RFC 5798 section 5.2.7: VRRP version 3 counts in hundredths of a second, in 12 bits.
  const hundredths = cluster.keepalived.advertIntervalSeconds * 100;
  if (Math.abs(hundredths - Math.round(hundredths)) > 1e-6 || hundredths < 1 || hundredths > 4095) {
    complain(
      ['keepalived', 'advertIntervalSeconds'],
      `expected whole hundredths of a second up to 40.95, found ${cluster.keepalived.advertIntervalSeconds}`,
    );
  }
  for (const { key, message } of timingContradictions(cluster.timings)) complain(['timings', key], message);
  return problems;
}

interface TimingProblem {
  readonly key: keyof Timings;
  readonly message: string;
}

/** A look must have time for the slowest of its parts, else every look at a slow server ends as unknown. */
function timingContradictions(timings: Timings): readonly TimingProblem[] {
  const sql = timings.sqlConnectSeconds + timings.sqlStatementSeconds;
  const parts = Math.max(sql, timings.keepalivedAnswerSeconds);
  const problems: TimingProblem[] = [];
  if (timings.observeSeconds < parts) {
    problems.push({
      key: 'observeSeconds',
      message: `expected at least ${parts}, the longer of sqlConnectSeconds + sqlStatementSeconds and keepalivedAnswerSeconds, found ${timings.observeSeconds}`,
    });
  }
  if (timings.gateIntervalSeconds > timings.evidenceMaxAgeSeconds) {
    problems.push({
      key: 'gateIntervalSeconds',
      message: `expected at most evidenceMaxAgeSeconds, ${timings.evidenceMaxAgeSeconds}, found ${timings.gateIntervalSeconds}`,
    });
  }
  const inequality = checkInequality(timings);
  if (!inequality.holds) {
    problems.push({
      key: 'promotionWaitSeconds',
      message: `expected at least the time in which the last holder has surely stopped writing: ${inequality.text}`,
    });
  }
  if (timings.renewSeconds * 3 > timings.leaseSeconds) {
    problems.push({
      key: 'renewSeconds',
      message: `expected at most a third of leaseSeconds, ${timings.leaseSeconds}, so that two lost renewals cost nothing, found ${timings.renewSeconds}`,
    });
  }
  return problems;
}

function withoutPrefix(vip: string): string {
  return vip.split('/')[0] ?? vip;
}

/** `clusters[0].nodes[1].name` */
export function formatPath(path: ConfigPath): string {
  return path
    .map((part, index) => (typeof part === 'number' ? `[${part}]` : index === 0 ? part : `.${part}`))
    .join('');
}
