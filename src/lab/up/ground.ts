/** The first steps of every lab: folders and keys, hosts with power, two networks, and the configuration of all. */
import type { Config } from '../../config/schema.ts';
import { labConfig } from '../configure/cluster.ts';
import { makeSecrets } from '../configure/secrets.ts';
import { makeBridges, plugIn, SWITCH } from '../hosts/network.ts';
import { powerOn } from '../hosts/power.ts';
import { accountOf, prepareHost, prepareSwitch } from '../hosts/prepare.ts';
import { writeLabState, type LabState } from '../state.ts';
import type { Topology } from '../topology.ts';
import type { Building, Progress } from './building.ts';
import { writeConfiguration } from './files.ts';

/** Remembers the lab, then makes its hosts and joins them. */
export async function layGround<State extends LabState>(
  state: State,
  topology: Topology,
  progress: Progress,
): Promise<Building<State>> {
  await writeLabState(state);
  const postgres = await accountOf('postgres');
  const [secrets] = await Promise.all([
    makeSecrets(state.name, topology),
    prepareSwitch(state.name),
    ...topology.hosts.map((host) => prepareHost(state, host, topology)),
  ]);
  progress('keys made, folders of all hosts prepared');

  await Promise.all(
    [SWITCH, ...topology.hosts.map((host) => host.name)].map((host) => powerOn(state.name, host)),
  );
  await makeBridges(state.name);
  await Promise.all(topology.hosts.map((host) => plugIn(state.name, host, state.jitterMs)));
  progress(`powered on: ${topology.hosts.map((host) => host.name).join(', ')}; two networks joined`);
  return { state, topology, secrets, postgres };
}

/** Writes every host's configuration as far as it is known: the system identifier is still to come. */
export async function configureHosts(building: Building): Promise<Config> {
  const draft = labConfig(building.state, building.topology, building.secrets, null);
  await writeConfiguration(building, draft);
  return draft;
}
