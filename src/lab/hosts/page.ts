/** Makes the page's loopback address valid inside the hosts too, so that one `externalUrl` works for people on this machine and for `primacy status` in a host. */
import { runLocally } from '../../world/remote/local-runner.ts';
import type { Command } from '../../world/remote/runner.ts';
import type { ProductLab } from '../state.ts';
import { hostNamed, type LabHost, type Topology } from '../topology.ts';
import { outputOf, poweredInit } from './enter.ts';

const RESPONDER_PORT = 10_188;

/** Leads 127.0.0.1:PORT of a host to the responder on `mon`. */
export async function showPageInside(state: ProductLab, topology: Topology, host: LabHost): Promise<void> {
  const init = await poweredInit(state.name, host.name);
  const port = new URL(state.page).port;
  const mon = hostNamed(topology, 'mon').addresses[0];
  const target = host.name === 'mon' ? `redirect to :${RESPONDER_PORT}` : `dnat to ${mon}:${RESPONDER_PORT}`;
  const rules = [
    'add table ip lab_page',
    'add chain ip lab_page output { type nat hook output priority -100; }',
    `add rule ip lab_page output ip daddr 127.0.0.1 tcp dport ${port} ${target}`,
    // A packet that leaves the host must not carry 127.0.0.1 as its sender.
    'add chain ip lab_page postrouting { type nat hook postrouting priority 100; }',
    'add rule ip lab_page postrouting ip saddr 127.0.0.1 oifname "eth0" masquerade',
  ];
  await inNetwork(init, { program: 'sysctl', arguments: ['-qw', 'net.ipv4.conf.all.route_localnet=1'] });
  await inNetwork(init, { program: 'nft', arguments: ['-f', '-'], input: `${rules.join('\n')}\n` });
}

async function inNetwork(init: number, command: Omit<Command, 'timeoutMs'>): Promise<void> {
  const entered: Command = {
    ...command,
    program: 'nsenter',
    arguments: ['--target', String(init), '--net', '--', command.program, ...command.arguments],
    timeoutMs: 5_000,
  };
  outputOf(entered, await runLocally(entered));
}
