/** A host that is none of the cluster's and has the VIP: it lives on the switch, answers ARP for it, and announces it like a second router would. */
import { poweredInit, runInside, runnerInside, startDaemon } from '../hosts/enter.ts';
import { SWITCH } from '../hosts/network.ts';
import type { FaultTarget } from './fault.ts';

const LINK = 'stranger';
const LIMIT_MS = 5_000;

/** Plugs it into the first network. Only the interface that has the VIP answers for it, and it refuses PostgreSQL's port. */
export async function plugInStranger(target: FaultTarget): Promise<void> {
  const init = await poweredInit(target.state.name, SWITCH);
  const { vip } = target.topology;
  const script = `
set -e
sysctl -qw net.ipv4.conf.all.arp_ignore=1
ip link add name "$1-port" type veth peer name "$1"
ip link set "$1-port" master br0 up
ip address add "$2/24" dev "$1"
ip link set "$1" up
`;
  await runInside(init, {
    program: 'sh',
    arguments: ['-c', script, 'lab-fault', LINK, vip],
    timeoutMs: LIMIT_MS,
  });
  await startDaemon(init, {
    name: 'stranger',
    program: 'arping',
    arguments: ['-U', '-q', '-I', LINK, vip],
  });
}

/** Unplugs it; what announces the VIP ends with its interface. */
export async function unplugStranger(target: FaultTarget): Promise<void> {
  const runner = runnerInside(await poweredInit(target.state.name, SWITCH));
  await runner.run({
    program: 'sh',
    arguments: ['-c', `ip link delete dev "$1"; pkill -f "^arping -U -q -I $1 "`, 'lab-fault', LINK],
    timeoutMs: LIMIT_MS,
  });
}
