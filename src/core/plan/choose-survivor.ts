/** Of two or more primaries, the one that stays. Never by timeline number or position: those are shown, not decisive (system.md section 5). */
import { leaseHolder, mayHoldLease, type LeaseHolder } from '../diagnose/lease-holder.ts';
import type { NodeName } from '../model/names.ts';
import { relateHistories } from '../diagnose/history.ts';
import type { DatabaseNode, View } from '../diagnose/view.ts';
import type { RefusalCode } from './plan.ts';

export type SurvivorChoice =
  | {
      readonly kind: 'chosen';
      readonly survivor: NodeName;
      readonly losers: readonly NodeName[];
      readonly because: string;
    }
  | { readonly kind: 'refused'; readonly code: RefusalCode; readonly reason: string };

/**
 * The lease holder, for which a majority of the voters must be seen and nobody else. Without a holder: the only node with the VIP, if
 * it also has the majority of the streaming standbys or no standby streams from anybody; else the only one whose history contains
 * every other's; else nobody, and a person decides. These ways need everything seen on every node: an unseen node may hold the VIP
 * or be a third primary. A primary that may itself hold the lease is never a loser.
 */
export function chooseSurvivor(view: View): SurvivorChoice {
  const holder = leaseHolder(view);
  const [unseen] = view.missing;
  if (holder === null && unseen !== undefined) return refused('not-all-seen', unseen);
  for (const node of view.primaries) {
    const { systemIdentifier, senders } = node.postgres;
    if (systemIdentifier.kind === 'unknown')
      return refused('not-all-seen', `the system identifier of ${node.name} is unknown`);
    if (holder === null && senders.kind === 'unknown')
      return refused('not-all-seen', `which standbys stream from ${node.name} is unknown`);
  }
  const identifiers = new Set(view.primaries.map(identifierOf));
  if (identifiers.size > 1)
    return refused('foreign-system', 'the primaries do not come from the same initdb');
  const choice =
    holder === null ? (byVip(view) ?? byHistory(view) ?? ambiguous(view)) : byLease(view, holder);
  return choice.kind === 'refused' ? choice : (sparing(view, choice.losers) ?? choice);
}

function byLease(view: View, { node, epoch }: LeaseHolder): SurvivorChoice {
  return chosen(view, node, `${node} holds the lease of epoch ${epoch}`);
}

/** Looks are not taken at one instant: a lease may have moved between them, and then the next round tells. */
function sparing(view: View, losers: readonly NodeName[]): SurvivorChoice | null {
  for (const { name, observation } of view.primaries) {
    if (!losers.includes(name)) continue;
    const holds = mayHoldLease(observation);
    if (holds === 'unknown') return refused('not-all-seen', `whether ${name} holds the lease is unknown`);
    if (holds === 'yes') return refused('survivor-ambiguous', `${name} would be the loser and holds a lease`);
  }
  return null;
}

function identifierOf(node: DatabaseNode): string | null {
  const { systemIdentifier } = node.postgres;
  return systemIdentifier.kind === 'known' ? systemIdentifier.value : null;
}

function refused(code: RefusalCode, reason: string): SurvivorChoice {
  return { kind: 'refused', code, reason };
}

function chosen(view: View, survivor: NodeName, because: string): SurvivorChoice {
  const losers = view.primaries.map((node) => node.name).filter((name) => name !== survivor);
  return { kind: 'chosen', survivor, losers, because };
}

function byVip(view: View): SurvivorChoice | null {
  const [holder] = view.vipHolders;
  if (holder === undefined || view.vipHolders.length > 1) return null;
  const primary = view.primaries.find((node) => node.name === holder);
  if (primary === undefined) return null;
  const total = view.primaries.reduce((sum, node) => sum + streamingStandbys(node), 0);
  const own = streamingStandbys(primary);
  if (total > 0 && own * 2 <= total) return null;
  const standbys = total === 0 ? 'no standby streams from anybody' : `${own} of ${total} standbys follow it`;
  return chosen(view, holder, `${holder} is the only node with the VIP and ${standbys}`);
}

function streamingStandbys(node: DatabaseNode): number {
  const { senders } = node.postgres;
  return senders.kind === 'known' ? senders.value.filter((it) => it.state === 'streaming').length : 0;
}

function byHistory(view: View): SurvivorChoice | null {
  const containing = view.primaries.filter((node) =>
    view.primaries.every((other) => {
      if (other.name === node.name) return true;
      const relation = relateHistories(node.postgres, other.postgres);
      return relation.kind === 'known' && relation.value === 'contains';
    }),
  );
  const [only] = containing;
  if (only === undefined || containing.length > 1) return null;
  return chosen(view, only.name, `the history of ${only.name} contains the other's`);
}

function ambiguous(view: View): SurvivorChoice {
  const holders = view.vipHolders.length === 0 ? 'nobody' : view.vipHolders.join(' and ');
  return refused(
    'survivor-ambiguous',
    `neither VIP (${holders}) nor history tells which primary to keep: a person has to decide`,
  );
}
