/** Frames that the switch loses in silence: from one host to another, all of them or those of one kind. No host can tell it from a bad line. */
import { PrimacyError } from '../../core/model/primacy-error.ts';
import { poweredInit } from './enter.ts';
import { inNetworkOf, portName, SWITCH } from './network.ts';

/** One direction. Null means every host. */
export interface Drop {
  readonly from: string | null;
  readonly to: string | null;
  /** What nftables matches; empty: every frame, ARP included. */
  readonly match: string;
}

/** Loses them until `passFrames` with the same label. */
export async function dropFrames(lab: string, label: string, drops: readonly Drop[]): Promise<void> {
  if (drops.length === 0)
    throw new PrimacyError('usage', 'cannot drop frames: no other host is at the end of the line');
  const table = tableName(label);
  await inNetworkOf(await poweredInit(lab, SWITCH), 'nft', [
    `add table bridge ${table}`,
    `add chain bridge ${table} forward { type filter hook forward priority 0; }`,
    ...drops.flatMap((drop) =>
      ([0, 1] as const).map((network) => `add rule bridge ${table} forward ${ruleOf(drop, network)}`),
    ),
  ]);
}

/** Takes `dropFrames` back; does nothing where it was not done. */
export async function passFrames(lab: string, label: string): Promise<void> {
  const table = tableName(label);
  // Adding first makes the deletion succeed whether or not the table was there.
  await inNetworkOf(await poweredInit(lab, SWITCH), 'nft', [
    `add table bridge ${table}`,
    `delete table bridge ${table}`,
  ]);
}

function ruleOf({ from, to, match }: Drop, network: 0 | 1): string {
  const side = (word: string, host: string | null): string =>
    host === null ? '' : `${word} "${portName(host, network)}" `;
  return `${side('iifname', from)}${side('oifname', to)}${match} drop`.replaceAll(/ +/g, ' ');
}

/** nftables takes no hyphens in names. */
function tableName(label: string): string {
  return `drop_${label.replaceAll('-', '_')}`;
}
