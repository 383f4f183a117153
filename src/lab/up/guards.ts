/** Puts the guard programs on a database host and starts the fuse, before keepalived looks for its script, as a package's installation does. */
import { join } from 'node:path';
import { paths } from '../../config/paths.ts';
import type { Config } from '../../config/schema.ts';
import { installGuards } from '../../node/adopt/install-guards.ts';
import { systemClock } from '../../world/clock.ts';
import { poweredInit, runnerInside } from '../hosts/enter.ts';
import { hostDirectory } from '../state.ts';
import type { LabHost } from '../topology.ts';
import { onlyCluster, startFuse } from './services.ts';

/** They do nothing before `primacy adopt`. */
export async function installGuardsOn(lab: string, host: LabHost, config: Config): Promise<void> {
  const cluster = onlyCluster(config);
  const node = cluster.nodes.find((candidate) => candidate.name === host.name);
  if (node === undefined) return;
  const init = await poweredInit(lab, host.name);
  const context = { cluster, node, paths, clock: systemClock, runner: runnerInside(init) };
  await installGuards(context, join(hostDirectory(lab, host.name), paths.guardDirectory));
  await startFuse(init);
}
