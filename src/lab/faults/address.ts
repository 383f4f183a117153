/** Adds or deletes the VIP in a host's kernel behind keepalived's back. */
import { poweredInit, runInside } from '../hosts/enter.ts';
import { holdsAddress } from '../measure/addresses.ts';
import type { FaultTarget } from './fault.ts';

/** Adds the VIP to eth0, without telling anybody. */
export async function addVip(target: FaultTarget): Promise<void> {
  await changeVip(target, 'add', `${target.topology.vip}/24`);
}

/** Deletes the VIP from eth0. */
export async function deleteVip(target: FaultTarget): Promise<void> {
  // Without a length, which is /24 from the product's keepalived.conf and /32 from the article's, any is deleted.
  await changeVip(target, 'del', target.topology.vip);
}

/** Deletes the VIP unless it is gone already. */
export async function deleteVipIfThere(target: FaultTarget): Promise<void> {
  if (await holdsAddress(target.state.name, target.host.name, target.topology.vip)) await deleteVip(target);
}

async function changeVip(target: FaultTarget, action: 'add' | 'del', address: string): Promise<void> {
  await runInside(await poweredInit(target.state.name, target.host.name), {
    program: 'ip',
    arguments: ['address', action, address, 'dev', 'eth0'],
    timeoutMs: 5_000,
  });
}
