/** Compares what the client was promised with what exists: on the primary, only in a salvage bundle, or nowhere. */
import { PrimacyError } from '../../core/model/primacy-error.ts';
import { poweredInit } from '../hosts/enter.ts';
import { readLabState } from '../state.ts';
import { databaseHosts, topologyOf, type Topology } from '../topology.ts';
import { readAcknowledgements, writeOutages, type WriteOutage } from './acknowledgements.ts';
import { holdsAddress } from './addresses.ts';
import { dualPrimarySeconds, readBeats, writableIntervals, writableNow } from './beats.ts';
import { bundlesOf } from './bundles.ts';
import { ledgerIds } from './ledger.ts';

export interface LabAccount {
  readonly acknowledged: number;
  readonly onPrimary: number;
  readonly onlyInBundle: number;
  readonly nowhere: number;
  readonly nowhereIds: readonly number[];
  readonly writeOutages: readonly WriteOutage[];
  readonly dualPrimarySeconds: number;
  readonly bundles: readonly {
    readonly path: string;
    readonly transactions: number;
    readonly rows: number;
  }[];
}

/** Takes the account while the client goes on writing: acknowledgements are read first, so every one of them must be found. */
export async function labAccount(name: string): Promise<LabAccount> {
  const state = await readLabState(name);
  const topology = topologyOf(name, state.nodes, state.witness);
  const acknowledgements = await readAcknowledgements(name);
  const now = Date.now();
  const beats = await readBeats(name);
  const primary = await primaryOf(name, topology, writableNow(beats, now));
  const onPrimary = await ledgerIds(await poweredInit(name, primary));
  const contents = await Promise.all(databaseHosts(topology).map((host) => bundlesOf(name, host.name)));
  const bundles = contents.flat().map((bundle) => ({
    ...bundle,
    ids: new Set([...bundle.ids].filter((id) => !onPrimary.has(id))),
  }));
  const missing = acknowledgements.map((it) => it.id).filter((id) => !onPrimary.has(id));
  const nowhereIds = missing.filter((id) => !bundles.some((bundle) => bundle.ids.has(id)));
  return {
    acknowledged: acknowledgements.length,
    onPrimary: acknowledgements.length - missing.length,
    onlyInBundle: missing.length - nowhereIds.length,
    nowhere: nowhereIds.length,
    nowhereIds,
    writeOutages: writeOutages(acknowledgements, now),
    dualPrimarySeconds: dualPrimarySeconds(writableIntervals(beats)),
    bundles: bundles.map(({ path, transactions, ids }) => ({ path, transactions, rows: ids.size })),
  };
}

/** The writable host; of several the one with the VIP, where the client's writes go. */
async function primaryOf(lab: string, topology: Topology, writable: readonly string[]): Promise<string> {
  if (writable.length === 1 && writable[0] !== undefined) return writable[0];
  for (const host of writable) if (await holdsAddress(lab, host, topology.vip)) return host;
  throw new PrimacyError(
    'refused',
    `cannot take the account of lab ${lab}: ${writable.length === 0 ? 'no host is' : `${writable.join(' and ')} are`} writable, and the VIP does not decide`,
  );
}
