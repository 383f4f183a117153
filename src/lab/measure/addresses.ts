/** Whether a lab host's kernel holds an address: read by the lab itself, never asked of an agent. */
import { runLocally } from '../../world/remote/local-runner.ts';
import type { Command } from '../../world/remote/runner.ts';
import { outputOf } from '../hosts/enter.ts';
import { hostInit } from '../hosts/processes.ts';

interface InterfaceAddresses {
  readonly addr_info: readonly { readonly local?: string }[];
}

/** True where some interface of the host has the address; a powered-off host has none. */
export async function holdsAddress(lab: string, host: string, address: string): Promise<boolean> {
  const init = await hostInit(lab, host);
  if (init === null) return false;
  const command: Command = {
    program: 'nsenter',
    arguments: ['--target', String(init), '--net', '--', 'ip', '-json', 'address', 'show'],
    timeoutMs: 5_000,
  };
  const interfaces = JSON.parse(
    outputOf(command, await runLocally(command)),
  ) as readonly InterfaceAddresses[];
  return interfaces.some((it) => it.addr_info.some((info) => info.local === address));
}
