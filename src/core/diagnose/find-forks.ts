/** Compares every two servers: WAL that does not belong to one history, and servers of two different clusters. */
import { describeDivergence } from '../divergence/judge-divergence.ts';
import type { NodeName } from '../model/names.ts';
import { formatLsn } from '../model/lsn.ts';
import { valueOr } from '../model/known.ts';
import type { Finding } from './finding.ts';
import { divergenceOf } from './history.ts';
import type { DatabaseNode } from './view.ts';

/** One finding per pair of servers whose histories have parted and that each hold WAL of their own. */
export function findForks(databases: readonly DatabaseNode[]): readonly Finding[] {
  return pairsOf(databases).flatMap(([one, other]) => {
    const divergence = divergenceOf(one.postgres, other.postgres);
    // A lagging follower is behind or undecided; two primaries of one timeline are undecided and a matter for dual-primary.
    if (divergence.kind === 'unknown' || divergence.value.kind !== 'forked') return [];
    const nodes: readonly NodeName[] = [one.name, other.name];
    return [
      {
        kind: 'history-forked',
        nodes,
        summary: `${one.name} and ${other.name} each have WAL that the other does not have`,
        evidence: [describePosition(one), describePosition(other), describeDivergence(divergence.value)],
      } satisfies Finding,
    ];
  });
}

/** One finding per pair of servers whose system identifiers are known and differ. */
export function findForeignSystems(databases: readonly DatabaseNode[]): readonly Finding[] {
  return pairsOf(databases).flatMap(([one, other]) => {
    const left = one.postgres.systemIdentifier;
    const right = other.postgres.systemIdentifier;
    if (left.kind === 'unknown' || right.kind === 'unknown' || left.value === right.value) return [];
    return [
      {
        kind: 'foreign-system',
        nodes: [one.name, other.name],
        summary: `${one.name} and ${other.name} do not come from the same initdb`,
        evidence: [
          `${one.name} has system identifier ${left.value}`,
          `${other.name} has system identifier ${right.value}`,
        ],
      } satisfies Finding,
    ];
  });
}

function describePosition(node: DatabaseNode): string {
  const { timeline, currentLsn, replayLsn } = node.postgres;
  const lsn = currentLsn.kind === 'known' ? currentLsn : replayLsn;
  const position = lsn.kind === 'known' ? formatLsn(lsn.value) : 'an unknown position';
  return `${node.name} is on timeline ${valueOr(timeline, 'unknown')} at ${position}`;
}

function pairsOf<T>(items: readonly T[]): readonly (readonly [T, T])[] {
  return items.flatMap((one, index) => items.slice(index + 1).map((other) => [one, other] as const));
}
