/** What a keepalived.conf has besides our instance, and in it, that would take part in moving the VIP. Other people's instances are theirs. */
import type { ConfigurationNode } from './configuration-tree.ts';
import { findBlock } from './configuration-tree.ts';

export interface OwnInstance {
  readonly vrrpInstance: string;
  /** Without prefix length. */
  readonly vip: string;
}

const ADDRESS_BLOCKS = ['virtual_ipaddress', 'virtual_ipaddress_excluded'];

/** Sentences without full stop, none where all is well or our instance is not there yet. */
export function troubleWith(
  nodes: readonly ConfigurationNode[],
  { vrrpInstance, vip }: OwnInstance,
): readonly string[] {
  const instances = nodes.filter((it) => it.words[0] === 'vrrp_instance');
  const own = instances.find((it) => it.words[1] === vrrpInstance);
  if (own === undefined) return [];
  return [
    ...addressesOf(own)
      .filter((it) => it !== vip)
      .map(
        (it) =>
          `vrrp_instance ${vrrpInstance} also carries ${it}, which nobody would release, check or fence: give it an instance of its own`,
      ),
    ...instances.filter((it) => it !== own).flatMap((other) => clashes(own, other, vip)),
    ...nodes.filter((it) => it.words[0] === 'vrrp_sync_group').flatMap((it) => syncTrouble(it, vrrpInstance)),
  ];
}

function clashes(own: ConfigurationNode, other: ConfigurationNode, vip: string): readonly string[] {
  const name = other.words[1] ?? '';
  const value = (of: ConfigurationNode, word: string): string => findBlock(of.children, word)?.words[1] ?? '';
  const sameRouter =
    value(own, 'virtual_router_id') === value(other, 'virtual_router_id') &&
    value(own, 'interface') === value(other, 'interface');
  return [
    ...(addressesOf(other).includes(vip) ? [`vrrp_instance ${name} carries the VIP ${vip} as well`] : []),
    ...(sameRouter ? [`vrrp_instance ${name} has the same virtual_router_id on the same interface`] : []),
  ];
}

/** Instances of a group change their state together. */
function syncTrouble(group: ConfigurationNode, vrrpInstance: string): readonly string[] {
  const members = (findBlock(group.children, 'group')?.children ?? []).flatMap((it) => it.words);
  return members.includes(vrrpInstance) && members.length > 1
    ? [
        `vrrp_sync_group ${group.words[1] ?? ''} ties vrrp_instance ${vrrpInstance} to others: a fault of theirs would take the VIP away, and a standby's closed gate would stop them`,
      ]
    : [];
}

/** Without prefix lengths. */
function addressesOf(instance: ConfigurationNode): readonly string[] {
  return ADDRESS_BLOCKS.flatMap((it) => findBlock(instance.children, it)?.children ?? []).map(
    (line) => (line.words[0] ?? '').split('/')[0] ?? '',
  );
}
