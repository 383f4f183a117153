/** Asks the network whether another host answers for an address, by duplicate-address detection that poisons nobody's cache. */
import { readdirSync, readFileSync } from 'node:fs';
import { known, unknown, type Known } from '../../core/model/known.ts';
import { describeResult, type Command, type CommandResult, type Runner } from '../remote/runner.ts';

export interface ArpAnswer {
  readonly answered: boolean;
  /** Hardware address of who answered, upper case; null where nobody did. */
  readonly mac: string | null;
}

/** `arping -w 1` takes a second when nobody answers; beyond this it hangs. */
const PROBE_LIMIT_MS = 2_500;

/**
 * `arping -D`: works also while this host owns the address, since the kernel does not answer itself (facts: measured).
 * Only for IPv4. Unknown where arping is missing, the interface cannot do ARP, or the output is not an answer.
 */
export async function probeAddress(
  runner: Runner,
  interfaceName: string,
  address: string,
): Promise<Known<ArpAnswer>> {
  if (address.includes(':')) return unknown('ARP knows only IPv4 addresses');
  const command: Command = {
    program: 'arping',
    arguments: ['-D', '-c', '1', '-w', '1', '-I', interfaceName, address],
    timeoutMs: PROBE_LIMIT_MS,
  };
  return readArping(command, await runner.run(command), ownHardwareAddresses());
}

/** A neighbour answers ARP within milliseconds; who is silent for so long is not there. */
const QUICK_SECONDS = 0.25;

/**
 * As `probeAddress`, but gives up after a quarter of a second instead of arping's shortest limit of one: for a take-over, which
 * must not wait. SIGINT lets arping print what it has seen.
 */
export async function probeAddressQuickly(
  runner: Runner,
  interfaceName: string,
  address: string,
): Promise<Known<ArpAnswer>> {
  if (address.includes(':')) return unknown('ARP knows only IPv4 addresses');
  const arping = ['arping', '-D', '-c', '1', '-w', '1', '-I', interfaceName, address];
  const command: Command = {
    program: 'timeout',
    arguments: ['--preserve-status', '-s', 'INT', String(QUICK_SECONDS), ...arping],
    timeoutMs: PROBE_LIMIT_MS,
  };
  return readArping(command, await runner.run(command), ownHardwareAddresses());
}

/**
 * Reads what arping said. Its exit code alone is ambiguous (1 is also a wrong option), so the reply line decides.
 * An answer from one of our own interfaces is no other host.
 */
export function readArping(
  command: Command,
  result: CommandResult,
  ownMacs: ReadonlySet<string>,
): Known<ArpAnswer> {
  if (result.kind === 'unknown') return unknown(describeResult(command, result));
  const replies = [...result.stdout.matchAll(/reply from \S+ \[([0-9A-Fa-f:]{17})\]/g)];
  const foreign = replies.map((match) => (match[1] ?? '').toUpperCase()).find((mac) => !ownMacs.has(mac));
  if (foreign !== undefined) return known({ answered: true, mac: foreign });
  const asked = /Sent [1-9]\d* probes?/.test(result.stdout);
  if (asked && (replies.length > 0 || result.kind === 'done')) return known({ answered: false, mac: null });
  return unknown(describeResult(command, result));
}

function ownHardwareAddresses(): ReadonlySet<string> {
  const addresses = new Set<string>();
  for (const name of readdirSync('/sys/class/net')) {
    try {
      addresses.add(readFileSync(`/sys/class/net/${name}/address`, 'utf8').trim().toUpperCase());
    } catch (error) {
      // An interface that vanished between the two reads has no address of ours any more; bonding_masters is a file.
      if (!['ENOENT', 'ENOTDIR', 'EINVAL'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    }
  }
  return addresses;
}
