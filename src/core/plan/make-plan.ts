/** Findings in, one plan or one refusal out. Pure; what was not seen never leads to a plan. */
import { isPlannedStop } from '../guard/stop-markers.ts';
import type { Finding } from '../diagnose/finding.ts';
import { isLeave } from '../lease/leave.ts';
import { describePause } from '../lease/pause.ts';
import { pauseSeen, type SeenPause } from '../diagnose/pause-seen.ts';
import { leaseHolder, mayHoldLease } from '../diagnose/lease-holder.ts';
import { fenceMarkerOf, viewOf, type View } from '../diagnose/view.ts';
import type { NodeName } from '../model/names.ts';
import type { NodeObservation, Snapshot } from '../model/observation.ts';
import { chooseSurvivor } from './choose-survivor.ts';
import type { Decision, Plan, Playbook, Refusal, RefusalCode, Step } from './plan.ts';

/**
 * The plan for the first finding that has one; else the first refusal; `nothing-to-do` where there is no finding at all.
 * A finding without playbook (a missing VIP, an unreachable node) is a refusal: it is shown, and people have its runbook.
 */
export function makePlan(snapshot: Snapshot, findings: readonly Finding[]): Decision {
  const view = viewOf(snapshot);
  const decisions = findings.map((finding) => decide(view, finding));
  return (
    decisions.find((it) => it.kind === 'plan') ??
    decisions[0] ?? { kind: 'nothing-to-do', cluster: snapshot.cluster }
  );
}

function decide(view: View, finding: Finding): Plan | Refusal {
  const [node] = finding.nodes;
  if (node !== undefined) {
    switch (finding.kind) {
      case 'fence-interrupted':
        return completeFence(view, finding, node);
      case 'dual-primary':
      case 'primary-without-lease':
        return fenceOneLoser(view, finding, finding.kind);
      case 'vip-on-non-primary':
        return releaseVip(view, finding, node);
      case 'fenced-may-rejoin':
        return rejoin(view, finding, node);
      default:
    }
  }
  return refuse(view, finding, 'no-playbook', `${finding.summary}: no playbook cures this, see its runbook`);
}

/** The decision to fence was made before; completing it needs nothing but the marker and a node that has no lease. */
function completeFence(view: View, finding: Finding, node: NodeName): Plan | Refusal {
  const observation = view.answered.find((it) => it.node === node);
  const held = refuseHolder(view, finding, observation);
  if (held !== null) return held;
  const marker = observation === undefined ? null : fenceMarkerOf(observation);
  const reason = marker?.reason ?? 'fence-interrupted';
  return plan(view, 'fence-interrupted', node, [{ kind: 'fence', node, reason }], finding.evidence);
}

/** A marker may outlive the moment in which its node was given the lease again: then it is the node's own to lift. */
function refuseHolder(
  view: View,
  finding: Finding,
  observation: NodeObservation | undefined,
): Refusal | null {
  const holds = observation === undefined ? 'unknown' : mayHoldLease(observation);
  const [node] = finding.nodes;
  if (holds === 'unknown')
    return refuse(view, finding, 'not-all-seen', `whether ${node} holds the lease is unknown`);
  if (holds === 'no') return null;
  return refuse(view, finding, 'holds-lease', `${node} holds the lease: it lifts its marker or gives it up`);
}

/** One loser at a time: after its steps the next look decides anew about the others. */
function fenceOneLoser(
  view: View,
  finding: Finding,
  playbook: 'dual-primary' | 'primary-without-lease',
): Plan | Refusal {
  const choice = chooseSurvivor(view);
  if (choice.kind === 'refused') return refuse(view, finding, choice.code, choice.reason);
  const [loser] = choice.losers;
  if (loser === undefined) return refuse(view, finding, 'survivor-ambiguous', 'no loser was found');
  const steps: readonly Step[] = [
    { kind: 'fence', node: loser, reason: playbook },
    ...rejoinSteps(loser, choice.survivor),
  ];
  // With a third primary, or a survivor that is not primary yet, nothing can be verified; another round brings this node back.
  const isPrimary = view.primaries.some((node) => node.name === choice.survivor);
  const pause = pauseOfPeople(view);
  const waits = choice.losers.length > 1 || !isPrimary || pause !== null;
  const because = [choice.because, ...finding.evidence, ...(pause === null ? [] : [describePause(pause)])];
  return plan(view, playbook, loser, waits ? steps.slice(0, 1) : steps, because);
}

/** An agent that begins again is no reason to leave a node where it is. */
function pauseOfPeople({ snapshot }: View): SeenPause | null {
  const pause = pauseSeen(snapshot);
  return pause === null || isLeave(pause) ? null : pause;
}

/** A node that was seen not to be primary never needs the VIP, whatever the others are. */
function releaseVip(view: View, finding: Finding, node: NodeName): Plan | Refusal {
  const database = view.databases.find((it) => it.name === node);
  if (database?.postgres.role === 'starting')
    return refuse(view, finding, 'role-starting', `${node} is starting: its role shows in a moment`);
  const step: Step = { kind: 'release-vip', node, reason: 'vip-on-non-primary' };
  return plan(view, 'vip-on-non-primary', node, [step], finding.evidence);
}

function rejoin(view: View, finding: Finding, node: NodeName): Plan | Refusal {
  const pause = pauseOfPeople(view);
  if (pause !== null)
    return refuse(view, finding, 'paused', `${node} is not joined: ${describePause(pause)}`);
  const holder = leaseHolder(view);
  const [unseen] = view.missing;
  if (holder === null && unseen !== undefined) return refuse(view, finding, 'not-all-seen', unseen);
  const [survivor] = view.primaries;
  if (survivor === undefined || view.primaries.length > 1)
    return refuse(view, finding, 'no-single-primary', `there is no single primary for ${node} to follow`);
  if (holder !== null && holder.node !== survivor.name)
    return refuse(view, finding, 'no-single-primary', `the lease names ${holder.node}, not ${survivor.name}`);
  const observation = view.answered.find((it) => it.node === node);
  const held = refuseHolder(view, finding, observation);
  if (held !== null) return held;
  const marker = observation === undefined ? null : fenceMarkerOf(observation);
  if (marker === null || marker.reason === 'operator')
    return refuse(view, finding, 'fenced-by-operator', `${node} was fenced by a person, who lifts it`);
  if (isPlannedStop(marker.reason))
    return refuse(view, finding, 'fenced-by-operator', `${node} was stopped by a person: "primacy start"`);
  const role = view.databases.find((it) => it.name === node)?.postgres.role;
  const rejoining = observation?.rejoin.kind === 'known' && observation.rejoin.value !== null;
  // A marked node that somebody started outside a rejoin is stopped first: its data must not change while it is counted.
  const stop: readonly Step[] =
    role === 'down' || rejoining ? [] : [{ kind: 'fence', node, reason: marker.reason }];
  const steps = [...stop, ...rejoinSteps(node, survivor.name)];
  return plan(view, 'fenced-may-rejoin', node, steps, finding.evidence);
}

function rejoinSteps(node: NodeName, survivor: NodeName): readonly Step[] {
  return [
    { kind: 'account', node, survivor },
    { kind: 'rejoin', node, survivor },
    { kind: 'verify', node, survivor },
  ];
}

function plan(
  view: View,
  playbook: Playbook,
  node: NodeName,
  steps: readonly Step[],
  because: readonly string[],
): Plan {
  return { kind: 'plan', cluster: view.snapshot.cluster, playbook, node, steps, because };
}

function refuse(view: View, finding: Finding, code: RefusalCode, reason: string): Refusal {
  return { kind: 'refusal', cluster: view.snapshot.cluster, code, finding: finding.kind, reason };
}
