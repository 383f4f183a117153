/** The conditions Primacy recognises in a snapshot. Each names its nodes and carries the observations it rests on. */
import type { NodeName } from '../model/names.ts';

export const FINDING_KINDS = [
  'fence-interrupted',
  'dual-primary',
  'primary-without-lease',
  'vip-on-non-primary',
  'fenced-may-rejoin',
  'fenced-no-primary',
  'vip-conflict',
  'vip-missing',
  'no-primary',
  'lease-not-held',
  'history-forked',
  'foreign-system',
  'role-unknown',
  'vip-unknown',
  'fence-unknown',
  'node-unreachable',
] as const;
export type FindingKind = (typeof FINDING_KINDS)[number];

export interface Finding {
  readonly kind: FindingKind;
  /** The nodes it is about, in the order of the snapshot. */
  readonly nodes: readonly NodeName[];
  /** One sentence for people, without full stop. */
  readonly summary: string;
  /** What was seen, one sentence each, without full stop. */
  readonly evidence: readonly string[];
}

/** What each kind means, in words that the pages and commands show. */
export const FINDING_MEANING: Readonly<Record<FindingKind, string>> = {
  'fence-interrupted': 'a fence marker stands, and the fence behind it is not complete',
  'dual-primary': 'more than one server accepts writes for this cluster',
  'primary-without-lease': 'a server accepts writes although the lease names another node',
  'vip-on-non-primary': 'the VIP is on a node that is not the primary',
  'fenced-may-rejoin': 'a fenced node could follow the one primary again',
  'fenced-no-primary': 'a node is fenced and there is no single primary to follow',
  'vip-conflict': 'the VIP is on more than one node',
  'vip-missing': 'the VIP is on no node',
  'no-primary': 'no server of this cluster accepts writes',
  'lease-not-held': 'the primary has no lease: its guards stop it',
  'history-forked': 'two nodes have WAL that does not belong to one history',
  'foreign-system': 'two nodes do not come from the same initdb',
  'role-unknown': 'it cannot be told whether a server is primary',
  'vip-unknown': "a node's addresses could not be read",
  'fence-unknown': "a node's fence marker could not be read",
  'node-unreachable': 'a node gave no answer',
};
