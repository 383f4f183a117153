/** When a lab's cluster is healthy, in one place: the exit code of demo and drills rests on it. */
import type { LabStatus } from './status.ts';

/** Null where one host is writable, it alone holds the VIP, every other database streams from it, and no fence stands; else what is wrong. */
export function healthProblem(status: LabStatus): string | null {
  const [primary, ...others] = status.writable;
  if (primary === undefined) return 'no host is writable';
  if (others.length > 0) return `${status.writable.join(' and ')} are writable`;
  const holders = status.hosts.filter((host) => host.holdsVip === true).map((host) => host.name);
  if (holders.length !== 1 || holders[0] !== primary) {
    return `the VIP is on ${holders.join(' and ') || 'no host'}, writable is ${primary}`;
  }
  for (const host of status.hosts.filter((it) => it.kind === 'database')) {
    if (host.fenced !== false) return `${host.name} ${host.fenced === true ? 'is fenced' : 'may be fenced'}`;
    if (host.name === primary && host.role !== 'primary') return `${host.name} is ${host.role ?? 'unseen'}`;
    if (host.name !== primary && (host.role !== 'standby' || host.streamingFrom !== primary)) {
      return `${host.name} is ${host.role ?? 'unseen'} and streams from ${host.streamingFrom ?? 'nobody'}`;
    }
  }
  return null;
}
