/** Faults of power and of the network. */
import { cutLine, joinLine, rejoinNetworks, separate } from '../hosts/network.ts';
import { hostNamed } from '../topology.ts';
import { PRIMARY, type Fault, type FaultTarget } from './fault.ts';
import { cutPower, restorePower } from './power.ts';

export const hostFaults: readonly (readonly [string, Fault])[] = [
  [
    'power-off',
    {
      summary: "death of the host's process 1 and of its links",
      defaultHost: PRIMARY,
      strike: cutPower,
      mend: restorePower,
    },
  ],
  [
    'power-on',
    {
      summary: 'links, then a blind pg_ctl start, then keepalived and agent as an init would',
      defaultHost: PRIMARY,
      strike: restorePower,
      mend: null,
    },
  ],
  [
    'partition',
    {
      summary: 'the host, and those named by --with, against all others, on both networks',
      defaultHost: PRIMARY,
      strike: partition,
      mend: (target) => rejoinNetworks(target.state.name),
    },
  ],
  [
    'cut-line',
    {
      summary: 'the cable of the second network, which carries only heartbeats, is pulled',
      defaultHost: PRIMARY,
      strike: (target) => cutLine(target.state.name, target.host.name, 1),
      mend: (target) => joinLine(target.state.name, target.host.name, 1),
    },
  ],
  [
    'cut-client-line',
    {
      summary: 'the cable of the first network, which carries clients and replication too, is pulled',
      defaultHost: PRIMARY,
      strike: (target) => cutLine(target.state.name, target.host.name, 0),
      mend: (target) => joinLine(target.state.name, target.host.name, 0),
    },
  ],
];

async function partition(target: FaultTarget): Promise<void> {
  const others = target.others.map((name) => hostNamed(target.topology, name).name);
  await separate(target.state.name, [target.host.name, ...others]);
}
