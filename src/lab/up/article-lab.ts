/** A lab without Primacy: the pair of the article, keepalived with its scripts, watched by client and probe alone. */
import { poweredInit } from '../hosts/enter.ts';
import type { ArticleLab } from '../state.ts';
import { databaseHosts, topologyOf } from '../topology.ts';
import type { LabOptions, Progress } from './building.ts';
import { buildDatabases } from './database.ts';
import { configureHosts, layGround } from './ground.ts';
import { startClient, startProbe } from './observers.ts';
import { startKeepalived } from './services.ts';
import { verifyCluster, verifyVip } from './verify.ts';

/** Builds it and looks until it works. The databases are those of every lab, so that the two kinds can be compared. */
export async function buildArticleLab(
  options: LabOptions & { readonly agent: false },
  progress: Progress,
): Promise<ArticleLab> {
  const topology = topologyOf(options.name, options.nodes, options.witness);
  const nothingWatches = { page: null, prometheus: null, alertmanager: null };
  const state: ArticleLab = { ...options, ...nothingWatches, vip: topology.vip, ready: false };
  const building = await layGround(state, topology, progress);
  const config = await buildDatabases(building, await configureHosts(building), progress);
  for (const host of databaseHosts(topology)) {
    await startKeepalived(await poweredInit(state.name, host.name), config);
    // The primary's first, and the others when it has the VIP: nothing but the order of the start tells the article's keepalived where the primary is.
    await verifyVip(state);
  }
  await Promise.all([startClient(state), startProbe(state, topology)]);
  progress("keepalived with the article's scripts, client and probe started");

  await verifyCluster(state, topology);
  progress('verified: pg1 writable behind the VIP, standby streaming, rows acknowledged');
  return state;
}
