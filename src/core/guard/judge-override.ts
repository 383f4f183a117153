/** What a person who overrules the voters is bound by: an override stands for their consent and for the criteria, never for a look. */
import { LEASE_LOST } from './decide-duty.ts';
import { liveHolder } from './decide-standby-duty.ts';
import { obstacleAmong } from './criterion.ts';
import { primaryElsewhere, type DutySnapshot } from './duty.ts';

/** Why this node's agent does not take an override now, one sentence without full stop; null where it does. */
export function whyNoOverride(snapshot: DutySnapshot): string | null {
  const { now, self, adopted, lease, marker, server, vipHere, failover } = snapshot;
  if (adopted.kind === 'unknown') return `cannot tell whether adopted: ${adopted.reason}`;
  if (!adopted.value) return 'it was not adopted, so that its agent only observes';
  if (lease.entitledUntil !== null) return 'it holds the lease already';
  if (server.state !== 'recovery' && server.state !== 'between')
    return server.state === 'none'
      ? 'its PostgreSQL does not run'
      : `its PostgreSQL is no standby (${server.state})`;
  if (marker.kind === 'unknown') return `cannot tell whether fenced: ${marker.reason}`;
  if (marker.value !== null && marker.value.reason !== LEASE_LOST)
    return `the fence marker stands: ${marker.value.reason}`;
  if (vipHere.kind === 'unknown') return `cannot tell whether the VIP is here: ${vipHere.reason}`;
  if (vipHere.value) return 'the VIP is here';
  const primary = primaryElsewhere(snapshot);
  if (primary !== null) return `${primary} is primary`;
  const seen = obstacleAmong(['no_other_primary'], failover.silence);
  if (seen !== null) return seen;
  const holder = liveHolder(snapshot);
  if (holder === null || holder === self) return null;
  const seconds = ((now - (lease.holderHeardAt ?? now)) / 1000).toFixed(1);
  return `${holder} holds the lease and was heard ${seconds} s ago: stop it, or cut it off for good, first`;
}
