/** The kernel's address list: whether this host has the VIP, read truthfully also on an interface without carrier. */
import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { known, unknown, type Known } from '../../core/model/known.ts';
import type { VipObservation } from '../../core/model/observation.ts';
import { errorText } from '../../core/model/primacy-error.ts';
import { localRunner } from '../remote/local-runner.ts';
import { describeResult, type Command, type CommandResult, type Runner } from '../remote/runner.ts';

const IP_LIMIT_MS = 2_000;

/**
 * Whether some interface has the address, asked of the kernel by `ip -json address` (netlink). This is the proof that
 * procedures use; a scrape uses `lookAtVip`, which needs no process.
 */
export async function readVip(address: string, runner: Runner = localRunner): Promise<Known<VipObservation>> {
  const command: Command = { program: 'ip', arguments: ['-json', 'address', 'show'], timeoutMs: IP_LIMIT_MS };
  const result = await runner.run(command);
  if (result.kind !== 'done')
    return unknown(`cannot read the address list: ${describeResult(command, result)}`);
  try {
    return known(findAddress(result.stdout, address));
  } catch (error) {
    return unknown(`cannot read the address list: ${errorText(error)}`);
  }
}

interface IpInterface {
  readonly ifname?: string;
  readonly addr_info?: readonly { readonly local?: string }[];
}

/** Finds an address in what `ip -json address` prints. Throws on anything that is not such a list. */
export function findAddress(json: string, address: string): VipObservation {
  const wanted = canonical(address);
  for (const it of JSON.parse(json) as readonly IpInterface[]) {
    const holds = (it.addr_info ?? []).some(
      (info) => info.local !== undefined && canonical(info.local) === wanted,
    );
    if (holds) return { present: true, interface: it.ifname ?? null };
  }
  return { present: false, interface: null };
}

/** Removes an address (`10.0.0.100/24`) from an interface. The caller looks whether it is gone: keepalived puts it back. */
export function removeAddress(runner: Runner, cidr: string, interfaceName: string): Promise<CommandResult> {
  return runner.run({
    program: 'ip',
    arguments: ['address', 'delete', cidr, 'dev', interfaceName],
    timeoutMs: IP_LIMIT_MS,
  });
}

/**
 * The same question without a process, in a fraction of a millisecond. For IPv4 it reads the kernel's table of local
 * addresses (`/proc/net/fib_trie`), because `os.networkInterfaces()` hides interfaces without carrier and that is just
 * where a forgotten VIP stays; the name of the interface is null there. For IPv6 `/proc/net/if_inet6` has both.
 */
export function lookAtVip(address: string): Known<VipObservation> {
  try {
    if (address.includes(':')) return known(findInet6(readFileSync('/proc/net/if_inet6', 'utf8'), address));
    const present = isLocalInet4(readFileSync('/proc/net/fib_trie', 'utf8'), address);
    return known({ present, interface: present ? interfaceOf(address) : null });
  } catch (error) {
    return unknown(`cannot read the address list: ${errorText(error)}`);
  }
}

/** True where the trie has the address as `/32 host LOCAL`. */
export function isLocalInet4(trie: string, address: string): boolean {
  const lines = trie.split('\n');
  return lines.some(
    (line, index) => line.endsWith(`|-- ${address}`) && /^\s+\/32 host LOCAL/.test(lines[index + 1] ?? ''),
  );
}

/** Finds an address in `/proc/net/if_inet6`: 32 hexadecimal digits first, the interface's name last. */
export function findInet6(table: string, address: string): VipObservation {
  const wanted = expandInet6(address);
  const line = table.split('\n').find((it) => it.startsWith(wanted));
  return { present: line !== undefined, interface: line?.trim().split(/\s+/).at(-1) ?? null };
}

function interfaceOf(address: string): string | null {
  for (const [name, addresses] of Object.entries(networkInterfaces())) {
    if (addresses?.some((it) => it.address === address) === true) return name;
  }
  return null;
}

function canonical(address: string): string {
  return address.includes(':') ? expandInet6(address) : address;
}

/** The 32 hexadecimal digits of an IPv6 address. */
function expandInet6(address: string): string {
  const [head = '', tail] = address.toLowerCase().split('::');
  const groups = (part: string): string[] => (part === '' ? [] : part.split(':'));
  const before = groups(head);
  const after = tail === undefined ? [] : groups(tail);
  const missing = tail === undefined ? 0 : 8 - before.length - after.length;
  const all = [...before, ...Array.from({ length: missing }, () => '0'), ...after];
  return all.map((group) => group.padStart(4, '0')).join('');
}
