/** What keepalived.conf becomes when Primacy takes its VRRP instance over: the instance as a comment, an include in its place, all else as it was. */
import { findBlock, parseConfiguration, wordsOf, type ConfigurationNode } from './configuration-tree.ts';

/** The instance as primacy.yml has it. */
export interface WantedInstance {
  readonly name: string;
  readonly vrid: number;
  readonly interface: string;
  /** With prefix length. */
  readonly vip: string;
  readonly transport: 'unicast' | 'multicast';
  /** The file to include. */
  readonly fragment: string;
}

/** `absent`: the file has no instance of this name or VIP. */
export type TakeOver =
  | { readonly kind: 'possible'; readonly text: string; readonly dropped: readonly string[] }
  | { readonly kind: 'impossible'; readonly reason: string }
  | { readonly kind: 'absent' };

interface Block {
  readonly node: ConfigurationNode;
  readonly first: number;
  readonly last: number;
}

const MARK = '#primacy# ';
const NOT_OURS = ['virtual_ipaddress_excluded', 'virtual_routes', 'virtual_rules', 'use_vmac'] as const;
const NOTICES = ['notify', 'notify_master', 'notify_backup', 'notify_fault', 'notify_stop'] as const;

/**
 * A reload keeps the VIP only where VRRP id, interface, address with its prefix length and transport stay as they are (measured with
 * keepalived 2.2.7: from multicast to unicast it says goodbye and takes the VIP again 0.2 s later). So what differs is refused.
 */
export function takeOver(text: string, wanted: WantedInstance): TakeOver {
  const lines = text.split('\n');
  const blocks = blocksOf(lines);
  const instances = blocks.filter(({ node }) => node.words[0] === 'vrrp_instance');
  const own = instances.find(({ node }) => node.words[1] === wanted.name);
  if (own === undefined) {
    const other = instances.find(({ node }) => addressesOf(node).some((it) => sameHost(it, wanted.vip)));
    if (other === undefined) return { kind: 'absent' };
    const name = other.node.words[1] ?? '';
    return impossible(
      `its instance ${name} carries the VIP: primacy.yml needs keepalived.vrrpInstance: ${name}`,
    );
  }
  const reason = differenceOf(own.node, wanted) ?? groupOf(blocks, wanted.name);
  if (reason !== null) return impossible(reason);
  const scripts = scriptsOnlyOf(own, instances, blocks);
  return {
    kind: 'possible',
    text: commentedOut(lines, own, scripts, wanted.fragment),
    dropped: own.node.children
      .filter(({ words }) => (NOTICES as readonly string[]).includes(words[0] ?? ''))
      .map(({ words }) => words.join(' ')),
  };
}

function impossible(reason: string): TakeOver {
  return { kind: 'impossible', reason };
}

function differenceOf({ children }: ConfigurationNode, wanted: WantedInstance): string | null {
  const wordOf = (keyword: string): string | undefined => findBlock(children, keyword)?.words[1];
  const foreign = NOT_OURS.find((keyword) => findBlock(children, keyword) !== undefined);
  if (foreign !== undefined) return `its instance has ${foreign}, which Primacy does not carry on`;
  const [vip, ...more] = addressesOf({ words: [], children });
  if (vip !== wanted.vip || more.length > 0)
    return `its instance carries ${[vip ?? 'nothing', ...more].join(', ')}, primacy.yml has vip: ${wanted.vip}; both must be the same, with the prefix length (an address without one is a /32)`;
  if (wordOf('virtual_router_id') !== String(wanted.vrid))
    return `its virtual_router_id is ${wordOf('virtual_router_id')}, primacy.yml has vrid: ${wanted.vrid}`;
  if (wordOf('interface') !== wanted.interface)
    return `its interface is ${wordOf('interface')}, primacy.yml has interface: ${wanted.interface}`;
  const transport = findBlock(children, 'unicast_peer') === undefined ? 'multicast' : 'unicast';
  if (transport !== wanted.transport)
    return `it talks ${transport}, primacy.yml has keepalived.transport: ${wanted.transport}; a change between the two would take the VIP away for a moment`;
  return null;
}

function groupOf(blocks: readonly Block[], name: string): string | null {
  const group = blocks.find(
    ({ node }) =>
      node.words[0] === 'vrrp_sync_group' &&
      (findBlock(node.children, 'group')?.children ?? []).some(({ words }) => words.includes(name)),
  );
  return group === undefined
    ? null
    : `its instance is in vrrp_sync_group ${group.node.words[1]}, and the VIP moves alone with Primacy`;
}

/** As keepalived has them: an address without a prefix length is a /32. */
function addressesOf({ children }: ConfigurationNode): readonly string[] {
  return (findBlock(children, 'virtual_ipaddress')?.children ?? []).map(({ words: [address = ''] }) =>
    address.includes('/') ? address : `${address}/${address.includes(':') ? 128 : 32}`,
  );
}

function sameHost(one: string, other: string): boolean {
  return one.split('/')[0] === other.split('/')[0];
}

/** The check scripts that nothing but this instance runs. */
function scriptsOnlyOf(own: Block, instances: readonly Block[], blocks: readonly Block[]): readonly Block[] {
  const trackedBy = ({ node }: Block): readonly string[] =>
    (findBlock(node.children, 'track_script')?.children ?? []).map(({ words }) => words[0] ?? '');
  const elsewhere = new Set(instances.filter((it) => it !== own).flatMap(trackedBy));
  const ours = trackedBy(own).filter((name) => !elsewhere.has(name));
  return blocks.filter(({ node }) => node.words[0] === 'vrrp_script' && ours.includes(node.words[1] ?? ''));
}

function commentedOut(
  lines: readonly string[],
  own: Block,
  scripts: readonly Block[],
  fragment: string,
): string {
  const gone = [own, ...scripts];
  return lines
    .flatMap((line, index) => {
      const kept = gone.every(({ first, last }) => index < first || index > last) ? line : `${MARK}${line}`;
      return index === own.first ? [`include ${fragment}`, kept] : [kept];
    })
    .join('\n');
}

/** The blocks of the file's first level, with their lines. */
function blocksOf(lines: readonly string[]): readonly Block[] {
  const blocks: Block[] = [];
  let depth = 0;
  let first = 0;
  for (const [index, line] of lines.entries()) {
    if (depth === 0) first = index;
    const words = wordsOf(line);
    depth += words.filter((word) => word === '{').length - words.filter((word) => word === '}').length;
    if (depth > 0 || words.length === 0) continue;
    const [node] = parseConfiguration(lines.slice(first, index + 1).join('\n'));
    if (node !== undefined) blocks.push({ node, first, last: index });
    depth = 0;
  }
  return blocks;
}
