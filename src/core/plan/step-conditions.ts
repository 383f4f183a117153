/** What must be seen before a step may act, and what must be seen afterwards for it to count as done. Pure tests of a fresh snapshot. */
import { leaseHolder, mayHoldLease } from '../diagnose/lease-holder.ts';
import { fenceMarkerOf, holdsVip, viewOf, type DatabaseNode, type View } from '../diagnose/view.ts';
import type { NodeName } from '../model/names.ts';
import type { Snapshot } from '../model/observation.ts';
import { chooseSurvivor } from './choose-survivor.ts';
import type { Step } from './plan.ts';

/** `fails` also stands for "not seen": what is unknown neither permits a step nor proves it. */
export type Verdict = { readonly kind: 'holds' } | { readonly kind: 'fails'; readonly reason: string };

const HOLDS: Verdict = { kind: 'holds' };
const fails = (reason: string): Verdict => ({ kind: 'fails', reason });

/** The first failing verdict, else `holds`. */
function all(...verdicts: readonly Verdict[]): Verdict {
  return verdicts.find((verdict) => verdict.kind === 'fails') ?? HOLDS;
}

/** May the step be asked for, as things stand in this snapshot? */
export function precondition(step: Step, snapshot: Snapshot): Verdict {
  const view = viewOf(snapshot);
  const node = find(view, step.node);
  if (node === undefined) return fails(`${step.node} gives no answer`);
  switch (step.kind) {
    case 'release-vip':
      return node.postgres.role === 'standby' || node.postgres.role === 'down'
        ? HOLDS
        : fails(`${step.node} is ${node.postgres.role}, not seen to be standby or down`);
    case 'fence':
      return mayFence(view, node);
    case 'account':
    case 'rejoin':
      return all(isSetAside(node), isOnlyPrimary(view, step.survivor));
    case 'verify':
      return HOLDS;
  }
}

/** Is the step's effect seen in this snapshot? `account` leaves nothing to see: its reply, kept in the journal, is the proof. */
export function postcondition(step: Step, snapshot: Snapshot): Verdict {
  const view = viewOf(snapshot);
  const node = find(view, step.node);
  if (node === undefined) return fails(`${step.node} gives no answer`);
  switch (step.kind) {
    case 'release-vip':
      return hasNoVip(node);
    case 'fence':
      return all(hasMarker(node, 'fenced'), hasNoVip(node), hasRole(node, 'down'));
    case 'account':
      return isSetAside(node);
    case 'rejoin':
      return all(hasNoMarker(node), follows(view, node, step.survivor));
    case 'verify':
      return all(
        hasNoMarker(node),
        follows(view, node, step.survivor),
        isOnlyPrimary(view, step.survivor),
        holdsOnlyVip(view, step.survivor),
      );
  }
}

function find(view: View, name: NodeName): DatabaseNode | undefined {
  return view.databases.find((node) => node.name === name);
}

/**
 * A marker is a decision that was made already; without one the survivor must still be the same as when the plan was made. Who holds
 * the lease is never fenced, and who may hold it is not either.
 */
function mayFence(view: View, node: DatabaseNode): Verdict {
  const holds = mayHoldLease(node.observation);
  if (holds === 'unknown') return fails(`whether ${node.name} holds the lease is unknown`);
  if (holds === 'yes') return fails(`${node.name} holds the lease`);
  if (fenceMarkerOf(node.observation) !== null) return HOLDS;
  const choice = chooseSurvivor(view);
  if (choice.kind === 'refused') return fails(choice.reason);
  if (choice.losers.includes(node.name)) return HOLDS;
  return fails(`${node.name} is ${node.postgres.role} and no primary that has to give way`);
}

/** Fenced, and either down or already on its way back: nothing else may be counted or rewound. */
function isSetAside(node: DatabaseNode): Verdict {
  const { rejoin } = node.observation;
  if (fenceMarkerOf(node.observation) === null) return fails(`no fence marker is seen on ${node.name}`);
  if (node.postgres.role === 'down') return HOLDS;
  if (rejoin.kind === 'known' && rejoin.value !== null && node.postgres.role !== 'primary') return HOLDS;
  return fails(`${node.name} is ${node.postgres.role}, not down`);
}

/** Nobody else was seen to be primary; and nobody unseen can be, because the survivor holds the lease or everybody was seen. */
function isOnlyPrimary(view: View, survivor: NodeName): Verdict {
  const holder = leaseHolder(view);
  if (holder === null) {
    const unseen = findUnseen(view);
    if (unseen !== null) return fails(unseen);
  } else if (holder.node !== survivor) return fails(`the lease names ${holder.node}, not ${survivor}`);
  const names = view.primaries.map((node) => node.name);
  return names.length === 1 && names[0] === survivor
    ? HOLDS
    : fails(`${survivor} is not the only primary (${names.join(', ') || 'none'})`);
}

function findUnseen(view: View): string | null {
  for (const [name, look] of view.snapshot.nodes)
    if (look.kind === 'unknown') return `${name} gives no answer: ${look.reason}`;
  const unseen = view.databases.find((node) => node.postgres.role === 'unknown');
  return unseen === undefined ? null : `the role of ${unseen.name} is unknown`;
}

function holdsOnlyVip(view: View, survivor: NodeName): Verdict {
  const unseen = view.answered.find((observation) => observation.vip.kind === 'unknown');
  if (unseen !== undefined) return fails(`the addresses of ${unseen.node} could not be read`);
  return view.vipHolders.length === 1 && view.vipHolders[0] === survivor
    ? HOLDS
    : fails(`the VIP is on ${view.vipHolders.join(' and ') || 'no node'}, not on ${survivor} alone`);
}

function hasNoVip(node: DatabaseNode): Verdict {
  if (node.observation.vip.kind === 'unknown')
    return fails(`the addresses of ${node.name} could not be read`);
  return holdsVip(node.observation) ? fails(`${node.name} still has the VIP`) : HOLDS;
}

function hasMarker(node: DatabaseNode, state: 'fenced'): Verdict {
  const marker = fenceMarkerOf(node.observation);
  return marker?.state === state ? HOLDS : fails(`${node.name} does not show a marker with state ${state}`);
}

function hasNoMarker(node: DatabaseNode): Verdict {
  const { fence } = node.observation;
  if (fence.kind === 'unknown') return fails(`the fence marker of ${node.name} could not be read`);
  return fence.value === null ? HOLDS : fails(`${node.name} still carries a fence marker`);
}

function hasRole(node: DatabaseNode, role: 'down' | 'standby'): Verdict {
  return node.postgres.role === role ? HOLDS : fails(`${node.name} is ${node.postgres.role}, not ${role}`);
}

/** Streaming alone proves no common history; the marker row that the rejoin itself waited for does. This is the look from outside. */
function follows(view: View, node: DatabaseNode, survivor: NodeName): Verdict {
  const primary = find(view, survivor);
  const role = hasRole(node, 'standby');
  if (role.kind === 'fails') return role;
  const { receiver, timeline } = node.postgres;
  if (receiver.kind === 'unknown' || receiver.value?.status !== 'streaming')
    return fails(`${node.name} is not seen to stream`);
  if (primary === undefined || primary.postgres.timeline.kind === 'unknown' || timeline.kind === 'unknown')
    return fails(`the timelines of ${node.name} and ${survivor} are not both known`);
  return timeline.value === primary.postgres.timeline.value
    ? HOLDS
    : fails(
        `${node.name} is on timeline ${timeline.value}, ${survivor} on ${primary.postgres.timeline.value}`,
      );
}
