/** Hands the nodes over to Primacy as a person does. */
import { poweredInit, runInside } from '../hosts/enter.ts';
import { PRIMACY_COMMAND } from '../hosts/prepare.ts';
import { databaseHosts, type LabHost, type Topology } from '../topology.ts';

const LIMIT_MS = 60_000;

/** The primary first, then the standbys: before the first lease nobody may take over. */
export async function adoptNodes(lab: string, topology: Topology): Promise<void> {
  const [first, ...others] = databaseHosts(topology);
  if (first !== undefined) await adoptNode(lab, first);
  await Promise.all(others.map((host) => adoptNode(lab, host)));
}

/** `primacy adopt` on one host. */
export async function adoptNode(lab: string, host: LabHost): Promise<void> {
  await runInside(await poweredInit(lab, host.name), {
    program: PRIMACY_COMMAND,
    arguments: ['adopt'],
    timeoutMs: LIMIT_MS,
  });
}
