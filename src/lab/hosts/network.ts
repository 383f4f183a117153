/** The lab's two networks: a host without services, `switch`, holds one bridge for each, so that the machine's own network never changes. */
import { fileURLToPath } from 'node:url';
import { PrimacyError } from '../../core/model/primacy-error.ts';
import { runLocally } from '../../world/remote/local-runner.ts';
import type { Command } from '../../world/remote/runner.ts';
import type { LabHost } from '../topology.ts';
import { outputOf, poweredInit, startDaemon } from './enter.ts';

const RELAY = fileURLToPath(new URL('relay.pl', import.meta.url));

/** Name of the host that carries the networks. */
export const SWITCH = 'switch';

/** The port on the switch that leads to a host on the first (0) or second (1) network. */
export function portName(host: string, network: 0 | 1): string {
  return `${host}-${network}`;
}

/** Runs `ip -batch` or `nft -f` in the network namespace of a host, with the machine's own process ids. */
export async function inNetworkOf(
  init: number,
  program: 'ip' | 'nft',
  lines: readonly string[],
): Promise<void> {
  const command: Command = {
    program: 'nsenter',
    arguments: [
      '--target',
      String(init),
      '--net',
      '--',
      program,
      ...(program === 'ip' ? ['-batch', '-'] : ['-f', '-']),
    ],
    input: `${lines.join('\n')}\n`,
    timeoutMs: 10_000,
  };
  outputOf(command, await runLocally(command));
}

/** Makes the two bridges. */
export async function makeBridges(lab: string): Promise<void> {
  const init = await poweredInit(lab, SWITCH);
  await inNetworkOf(
    init,
    'ip',
    [0, 1].flatMap((network) => [
      `link add name br${network} type bridge stp_state 0 forward_delay 0 mcast_snooping 0`,
      `link set br${network} up`,
    ]),
  );
}

/**
 * Links a host to both networks: `eth0` and `eth1` inside it, with addresses and hardware addresses that survive a power cycle.
 * `jitterMs`: the longest that a frame between two hosts is held up on its way.
 */
export async function plugIn(lab: string, host: LabHost, jitterMs: number): Promise<void> {
  const hub = await poweredInit(lab, SWITCH);
  const init = await poweredInit(lab, host.name);
  await inNetworkOf(
    hub,
    'ip',
    ([0, 1] as const).flatMap((network) => {
      const port = portName(host.name, network);
      const inHost = `eth${network} address ${hardwareAddress(host.addresses[network])} netns ${init}`;
      const cable =
        jitterMs === 0 ? [`link add name ${port} type veth peer name ${inHost}`] : relayedCable(port, inHost);
      return [...cable, `link set ${port} master br${network} up`];
    }),
  );
  if (jitterMs > 0)
    for (const network of [0, 1] as const) await startRelay(hub, portName(host.name, network), jitterMs);
  await inNetworkOf(
    init,
    'ip',
    ([0, 1] as const).flatMap((network) => [
      `address add ${host.addresses[network]}/24 dev eth${network}`,
      `link set eth${network} up`,
    ]),
  );
}

/** A cable in two halves, which a relay joins. */
function relayedCable(port: string, inHost: string): readonly string[] {
  const [outer, inner] = halvesOf(port);
  return [
    `link add name ${outer} type veth peer name ${inHost}`,
    `link add name ${port} type veth peer name ${inner}`,
    `link set ${outer} up`,
    `link set ${inner} up`,
  ];
}

function halvesOf(port: string): readonly [outer: string, inner: string] {
  return [`${port}w`, `${port}r`];
}

/** A frame passes two relays, its sender's and its receiver's. The port goes with the relay, which ends with the host's power. */
async function startRelay(hub: number, port: string, jitterMs: number): Promise<void> {
  const [outer, inner] = halvesOf(port);
  await startDaemon(hub, {
    name: `relay-${port}`,
    program: 'sh',
    arguments: ['-c', 'perl "$@"; ip link delete dev "$0"', port, RELAY, outer, inner, String(jitterMs / 2)],
  });
}

/** A locally administered address (second bit of the first byte) made of the four bytes of the IP address. */
function hardwareAddress(address: string): string {
  const bytes = address.split('.').map((byte) => Number(byte).toString(16).padStart(2, '0'));
  return ['02', '50', ...bytes].join(':');
}

/** Moves the ports of some hosts to bridges of their own: they reach each other and nobody else. */
export async function separate(lab: string, hosts: readonly string[]): Promise<void> {
  if (hosts.length === 0) throw new PrimacyError('usage', 'cannot partition the lab: no host was named');
  const hub = await poweredInit(lab, SWITCH);
  const label = hosts[0] ?? '';
  await inNetworkOf(
    hub,
    'ip',
    ([0, 1] as const).flatMap((network) => [
      `link add name ${islandName(label, network)} type bridge stp_state 0 forward_delay 0 mcast_snooping 0`,
      `link set ${islandName(label, network)} up`,
      ...hosts.map((host) => `link set ${portName(host, network)} master ${islandName(label, network)}`),
    ]),
  );
}

function islandName(host: string, network: 0 | 1): string {
  return `only-${host}-${network}`;
}

interface Link {
  readonly ifname: string;
  readonly master?: string;
}

async function readLinks(hub: number): Promise<readonly Link[]> {
  const command: Command = {
    program: 'nsenter',
    arguments: ['--target', String(hub), '--net', '--', 'ip', '-json', 'link', 'show'],
    timeoutMs: 10_000,
  };
  return JSON.parse(outputOf(command, await runLocally(command))) as readonly Link[];
}

/** Moves every port back to the common bridges and removes the others. */
export async function rejoinNetworks(lab: string): Promise<void> {
  const hub = await poweredInit(lab, SWITCH);
  const links = await readLinks(hub);
  const lines = [
    ...links
      .filter((link) => link.master?.startsWith('only-') === true)
      .map((link) => `link set ${link.ifname} master br${link.ifname.slice(-1)}`),
    ...links
      .filter((link) => link.ifname.startsWith('only-'))
      .map((link) => `link delete dev ${link.ifname}`),
  ];
  if (lines.length > 0) await inNetworkOf(hub, 'ip', lines);
}

/** Takes a host's cable out of one network at the switch: both ends lose their carrier. */
export async function cutLine(lab: string, host: string, network: 0 | 1): Promise<void> {
  await setCable(lab, host, network, 'down');
}

/** Puts it back. */
export async function joinLine(lab: string, host: string, network: 0 | 1): Promise<void> {
  await setCable(lab, host, network, 'up');
}

/** Of a cable in two halves both, so that the host sees it. */
async function setCable(lab: string, host: string, network: 0 | 1, state: 'up' | 'down'): Promise<void> {
  const hub = await poweredInit(lab, SWITCH);
  const port = portName(host, network);
  const parts = new Set([port, ...halvesOf(port)]);
  const links = (await readLinks(hub)).map((link) => link.ifname).filter((name) => parts.has(name));
  await inNetworkOf(
    hub,
    'ip',
    links.map((name) => `link set ${name} ${state}`),
  );
}

/**
 * Takes the ports away that a host without power has left on the switch; true once none is there. The kernel takes them down with the host's
 * last process, but on a busy machine many seconds later. Those of relayed cables go with their relays.
 */
export async function unplug(lab: string, host: string): Promise<boolean> {
  const hub = await poweredInit(lab, SWITCH);
  const links = (await readLinks(hub)).map((link) => link.ifname);
  const left = [portName(host, 0), portName(host, 1)].filter((port) => links.includes(port));
  const plain = left.filter((port) => !links.includes(halvesOf(port)[0]));
  // One that the kernel took meanwhile cannot be deleted: the next look tells.
  await Promise.allSettled(plain.map((port) => inNetworkOf(hub, 'ip', [`link delete dev ${port}`])));
  return left.length === 0;
}
