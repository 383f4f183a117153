/** Decides what a node has to do now, from one snapshot: the table of all situations, without clock, disk or network. */
import type { NodeName } from '../model/names.ts';
import { chooseSuccessor } from './choose-successor.ts';
import { decideDutyOfHolder } from './decide-holder-duty.ts';
import { decideDutyOfStandby } from './decide-standby-duty.ts';
import type { Duty, DutySnapshot } from './duty.ts';

/**
 * The first that applies:
 * 1. not adopted: observe;
 * 2. entitled: a holder's duties (decide-holder-duty.ts);
 * 3. writable, or the VIP here, without a lease: fence, whatever else is unknown; except the first lease of a cluster;
 * 4. a marker of somebody else, or another program's work: wait;
 * 5. everything else begins in recovery or down (decide-standby-duty.ts).
 */
export function decideDuty(snapshot: DutySnapshot): Duty {
  const { adopted, lease, server } = snapshot;
  if (adopted.kind === 'known' && !adopted.value) return { kind: 'observe', reason: 'not adopted' };
  const entitled = lease.entitledUntil !== null && lease.entitledUntil > snapshot.now;
  if (entitled) return decideDutyOfHolder(snapshot, successorOf(snapshot));
  if (isFirstLease(snapshot))
    return { kind: 'adopt-lease', reason: 'adopted, writable, and without a lease yet' };
  if (server.state === 'writable')
    return { kind: 'fence', reason: 'PostgreSQL is writable without the lease' };
  // A server that ends leaves some behind for a moment; those that stay go on writing.
  if (server.state === 'orphans' && snapshot.now - server.since >= ORPHANS_MS)
    return { kind: 'fence', reason: 'processes of PostgreSQL outlive their postmaster without the lease' };
  if (snapshot.vipHere.kind === 'known' && snapshot.vipHere.value)
    return { kind: 'fence', reason: 'the VIP is here without the lease' };
  const obstacle = whyNot(snapshot);
  return obstacle === null ? decideDutyOfStandby(snapshot) : { kind: 'wait', reason: obstacle };
}

/** A lease that no majority stands by cannot be given away either: nobody would be granted the next one. */
function successorOf({ now, others, lease, debt, limits }: DutySnapshot): NodeName | null {
  return lease.forced ? null : chooseSuccessor(others, now, limits.freshMs, debt);
}

/**
 * A writable primary without a lease that is none that lost it: nobody whom we can see, this voter included, knows any lease, or it was
 * adopted a moment ago while it ran. Whether somebody else holds one after all is for the voters to say.
 */
function isFirstLease({ now, adopted, adoptedSince, marker, lease, server, limits }: DutySnapshot): boolean {
  const permitted =
    adopted.kind === 'known' && adopted.value && marker.kind === 'known' && marker.value === null;
  if (!permitted || server.state !== 'writable') return false;
  const justAdopted = adoptedSince !== null && now - adoptedSince < limits.adoptionGraceMs;
  return lease.newest === null || justAdopted;
}

/** What forbids to start, join or promote. */
function whyNot({ adopted, marker, busy }: DutySnapshot): string | null {
  if (adopted.kind === 'unknown') return `cannot tell whether adopted: ${adopted.reason}`;
  if (marker.kind === 'unknown') return `cannot tell whether fenced: ${marker.reason}`;
  if (marker.value !== null && marker.value.reason !== LEASE_LOST)
    return `fence marker stands: ${marker.value.reason}`;
  return busy === null ? null : `busy: ${busy}`;
}

/** Two looks. */
const ORPHANS_MS = 100;

/** The marker that the keeper sets itself when its lease ended, and lifts itself. */
export const LEASE_LOST = 'lease-lost';
