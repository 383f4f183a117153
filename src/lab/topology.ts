/** Which hosts a lab has and which addresses they carry: a pure function of the lab's name and size. */
import { PrimacyError } from '../core/model/primacy-error.ts';

export type HostKind = 'database' | 'witness' | 'monitor' | 'client';

export interface LabHost {
  readonly name: string;
  readonly kind: HostKind;
  /** One address on each of the two networks; the first carries clients, VIP and SQL, both are heartbeat lines. */
  readonly addresses: readonly [string, string];
}

export interface Topology {
  readonly hosts: readonly LabHost[];
  /** Without prefix length. */
  readonly vip: string;
  /** The two networks in CIDR form, for pg_hba.conf. */
  readonly networks: readonly [string, string];
}

/** Length of a host's name is limited by the kernel's limit of 15 bytes for an interface name. */
export const MAX_NODES = 5;

/** Letters, digits and hyphens, at most 32: the name becomes a folder and part of a socket's path (limit 107 bytes). */
const NAME = /^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/;

/** Throws `usage` unless the name can be a lab's. */
export function checkLabName(name: string): string {
  if (!NAME.test(name)) {
    throw new PrimacyError(
      'usage',
      `cannot use lab name ${JSON.stringify(name)}: expected at most 32 lower-case letters, digits and hyphens`,
    );
  }
  return name;
}

/**
 * The hosts `pg1`.., `witness` unless there shall be none, `mon`, `client` on two /24 networks inside 10.79.0.0/16. Which pair follows from the name;
 * labs that share one do not meet, because every network ends in the lab's own namespaces.
 */
export function topologyOf(labName: string, nodes: number, witness = true): Topology {
  const pair = hash(labName) % 128;
  const first = `10.79.${pair * 2}`;
  const second = `10.79.${pair * 2 + 1}`;
  const host = (name: string, kind: HostKind, last: number): LabHost => ({
    name,
    kind,
    addresses: [`${first}.${last}`, `${second}.${last}`],
  });
  return {
    hosts: [
      ...Array.from({ length: nodes }, (_, index) => host(`pg${index + 1}`, 'database', index + 11)),
      ...(witness ? [host('witness', 'witness', 21)] : []),
      host('mon', 'monitor', 31),
      host('client', 'client', 41),
    ],
    vip: `${first}.100`,
    networks: [`${first}.0/24`, `${second}.0/24`],
  };
}

/** FNV-1a over the code points: any even spread will do, and the same name must give the same networks on every machine. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const character of text) value = Math.imul(value ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return value;
}

/** The hosts that run PostgreSQL. */
export function databaseHosts(topology: Topology): readonly LabHost[] {
  return topology.hosts.filter((host) => host.kind === 'database');
}

/** The hosts with an agent: databases and witness. */
export function nodeHosts(topology: Topology): readonly LabHost[] {
  return topology.hosts.filter((host) => host.kind === 'database' || host.kind === 'witness');
}

/** One host by name. Throws `usage` where the lab has none of that name. */
export function hostNamed(topology: Topology, name: string): LabHost {
  const found = topology.hosts.find((host) => host.name === name);
  if (found === undefined) {
    const names = topology.hosts.map((host) => host.name).join(', ');
    throw new PrimacyError('usage', `cannot find host ${JSON.stringify(name)} in this lab, it has ${names}`);
  }
  return found;
}
