/** Faults of the lines between hosts: cut in one direction, or for one kind of traffic alone. */
import { dropFrames, passFrames, type Drop } from '../hosts/drops.ts';
import { databaseHosts, hostNamed } from '../topology.ts';
import { onlyCluster } from '../up/services.ts';
import { PRIMARY, type Fault, type FaultTarget } from './fault.ts';

export const lineFaults: readonly (readonly [string, Fault])[] = [
  [
    'deafen',
    lossy('deafen', 'the host hears nobody, and is heard; with --with, it does not hear these', (target) =>
      senders(target).map((from) => ({ from, to: target.host.name, match: '' })),
    ),
  ],
  [
    'mute',
    lossy('mute', 'nobody hears the host, and it hears all; with --with, these do not hear it', (target) =>
      senders(target).map((to) => ({ from: target.host.name, to, match: '' })),
    ),
  ],
  [
    'drop-vrrp',
    lossy('drop-vrrp', 'the switch drops VRRP from and to the host, in silence', (target) =>
      bothWays(target.host.name, [null], ['ip protocol 112']),
    ),
  ],
  [
    'drop-votes',
    lossy('drop-votes', 'the switch drops what voters say, from and to the host', (target) => {
      const { voterPort: port } = onlyCluster(target.config).agent;
      return bothWays(target.host.name, [null], [`udp sport ${port}`, `udp dport ${port}`]);
    }),
  ],
  [
    'drop-replication',
    lossy(
      'drop-replication',
      "the switch drops PostgreSQL's port between the host and the other database hosts",
      (target) => {
        const { port } = onlyCluster(target.config).postgres;
        const others = databaseHosts(target.topology).map((host) => host.name);
        return bothWays(
          target.host.name,
          others.filter((name) => name !== target.host.name),
          [`tcp sport ${port}`, `tcp dport ${port}`],
        );
      },
    ),
  ],
];

function lossy(name: string, summary: string, drops: (target: FaultTarget) => readonly Drop[]): Fault {
  const label = (target: FaultTarget): string => `${name}-${target.host.name}`;
  return {
    summary,
    defaultHost: PRIMARY,
    strike: (target) => dropFrames(target.state.name, label(target), drops(target)),
    mend: (target) => passFrames(target.state.name, label(target)),
  };
}

/** The hosts of `--with`, each checked, or every one. */
function senders({ topology, others }: FaultTarget): readonly (string | null)[] {
  return others.length === 0 ? [null] : others.map((name) => hostNamed(topology, name).name);
}

function bothWays(
  host: string,
  others: readonly (string | null)[],
  matches: readonly string[],
): readonly Drop[] {
  return others.flatMap((other) =>
    matches.flatMap((match) => [
      { from: host, to: other, match },
      { from: other, to: host, match },
    ]),
  );
}
