/** Reads a snapshot the way every decision does: who answered, who is primary, who holds the VIP; unknown stays apart from no. */
import type { FenceMarker } from '../model/fence-marker.ts';
import type { Known } from '../model/known.ts';
import type { NodeName } from '../model/names.ts';
import type { NodeObservation, PostgresObservation, Snapshot } from '../model/observation.ts';

/** One database node that answered. */
export interface DatabaseNode {
  readonly name: NodeName;
  readonly observation: NodeObservation;
  readonly postgres: PostgresObservation;
}

export interface View {
  readonly snapshot: Snapshot;
  readonly answered: readonly NodeObservation[];
  readonly databases: readonly DatabaseNode[];
  readonly primaries: readonly DatabaseNode[];
  /** Whose kernel was seen to have the VIP. */
  readonly vipHolders: readonly NodeName[];
  /** Each thing that a decision about the whole cluster needs and that was not seen, as a sentence. Empty = all was seen. */
  readonly missing: readonly string[];
}

/** Sorts out a snapshot. */
export function viewOf(snapshot: Snapshot): View {
  const answered: NodeObservation[] = [];
  const missing: string[] = [];
  for (const [name, look] of snapshot.nodes) {
    if (look.kind === 'unknown') {
      missing.push(`${name} gave no answer: ${look.reason}`);
      continue;
    }
    answered.push(look.value);
    missing.push(...missingOf(look.value));
  }
  const databases = answered.flatMap((observation) =>
    observation.postgres === null
      ? []
      : [{ name: observation.node, observation, postgres: observation.postgres }],
  );
  return {
    snapshot,
    answered,
    databases,
    primaries: databases.filter((node) => node.postgres.role === 'primary'),
    vipHolders: answered.filter(holdsVip).map((observation) => observation.node),
    missing,
  };
}

/** True where the kernel of the node was seen to have the VIP. False includes "not known": ask `missing` as well. */
export function holdsVip(observation: NodeObservation): boolean {
  return observation.vip.kind === 'known' && observation.vip.value.present;
}

/** The marker, null where none stands or it is not known. */
export function fenceMarkerOf(observation: NodeObservation): FenceMarker | null {
  return observation.fence.kind === 'known' ? observation.fence.value : null;
}

function missingOf(observation: NodeObservation): readonly string[] {
  const { node, postgres, vip, fence, lease } = observation;
  const missing: string[] = [];
  if (postgres?.role === 'unknown') missing.push(`the role of ${node} is unknown: ${postgres.roleReason}`);
  addMissing(missing, `the addresses of ${node}`, vip);
  addMissing(missing, `the fence marker of ${node}`, fence);
  addMissing(missing, `what ${node} knows of the lease`, lease);
  return missing;
}

function addMissing(missing: string[], what: string, it: Known<unknown>): void {
  if (it.kind === 'unknown') missing.push(`${what} could not be read: ${it.reason}`);
}
