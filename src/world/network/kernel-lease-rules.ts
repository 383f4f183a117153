/** The nftables table of the kernel lease as text, and what nft prints of it. Pure. */
import { vipAddress } from '../../config/vip.ts';
import type { ClusterConfig } from '../../config/schema.ts';

/** Ours alone: `primacy unadopt` removes it, and nothing else of the machine's rules is ever touched. */
export const TABLE = 'inet primacy';
const SET = `${TABLE} lease`;

/** Prints the set, as an answer to look for after each change. */
export const LIST: string = `list set ${SET}`;

/**
 * Table, set and chains, as one transaction that keeps the elements of a set that is there already.
 * - input: without the lease a client that reaches the VIP here gets a reset at once.
 * - output: without the lease no acknowledgement leaves; resets pass, so that clients do not wait.
 * - prerouting: packets for the VIP while it is elsewhere (an old ARP entry) are answered by a reset instead of silence, so
 *   that a client tries again now and not a second later.
 */
export function installText(cluster: ClusterConfig): string {
  const vip = vipAddress(cluster);
  const { port } = cluster.postgres;
  const [ip, type] = vip.includes(':') ? ['ip6', 'ipv6_addr'] : ['ip', 'ipv4_addr'];
  const chain = (name: string, hook: string, priority: number, rule: string): readonly string[] => [
    `add chain ${TABLE} ${name} { type filter hook ${hook} priority ${priority}; policy accept; }`,
    `flush chain ${TABLE} ${name}`,
    `add rule ${TABLE} ${name} ${rule}`,
  ];
  return [
    `add table ${TABLE}`,
    `add set ${SET} { type ${type}; flags timeout; }`,
    ...chain(
      'from_client',
      'input',
      -10,
      `${ip} daddr ${vip} tcp dport ${port} ${ip} daddr != @lease reject with tcp reset`,
    ),
    ...chain(
      'to_client',
      'output',
      -10,
      `${ip} saddr ${vip} tcp sport ${port} tcp flags & rst == 0 ${ip} saddr != @lease drop`,
    ),
    ...chain(
      'elsewhere',
      'prerouting',
      -150,
      `${ip} daddr ${vip} tcp dport ${port} fib daddr type != local reject with tcp reset`,
    ),
  ].join('; ');
}

/**
 * Renews the element. Its time-out cannot be changed in place on every kernel, so it is replaced; being one transaction, no
 * packet ever sees the set without it. `milliseconds` is above zero.
 */
export function extendText(cluster: ClusterConfig, milliseconds: number): string {
  const element = `${SET} { ${vipAddress(cluster)} timeout ${milliseconds}ms }`;
  return [
    `add element ${element}`,
    `delete element ${SET} { ${vipAddress(cluster)} }`,
    `add element ${element}`,
  ].join('; ');
}

export const REVOKE: string = `flush set ${SET}`;

const UNITS: Readonly<Record<string, number>> = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000, ms: 1 };

/** Milliseconds until the element of a printed set runs out; null where the set is empty. */
export function expiryOf(listed: string): number | null {
  const text = /\bexpires ((?:\d+(?:ms|[dhms]))+)/.exec(listed)?.[1];
  if (text === undefined) return null;
  let milliseconds = 0;
  for (const [, count, unit] of text.matchAll(/(\d+)(ms|[dhms])/g))
    milliseconds += Number(count) * (UNITS[unit ?? ''] ?? 0);
  return milliseconds;
}
