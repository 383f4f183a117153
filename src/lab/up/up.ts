/** Builds a lab: hosts, networks, PostgreSQL, keepalived, agents, monitoring, client and probe; ends when all of it was seen to work. */
import { mkdir, stat } from 'node:fs/promises';
import { PrimacyError } from '../../core/model/primacy-error.ts';
import type { Config } from '../../config/schema.ts';
import { labConfig } from '../configure/cluster.ts';
import { makeSecrets } from '../configure/secrets.ts';
import { poweredInit } from '../hosts/enter.ts';
import { openDoors, serveDoors, type Doors } from '../hosts/loopback.ts';
import { makeBridges, plugIn, SWITCH } from '../hosts/network.ts';
import { powerOn } from '../hosts/power.ts';
import { accountOf, prepareHost, prepareSwitch } from '../hosts/prepare.ts';
import { labProcesses } from '../hosts/processes.ts';
import { showPageInside } from '../hosts/page.ts';
import { labDirectory, writeLabState, type LabState } from '../state.ts';
import { databaseHosts, nodeHosts, topologyOf, type Topology } from '../topology.ts';
import { createCluster, createStandby, fillDatabase } from './database.ts';
import { writeConfiguration, writePostgresFiles, type Building } from './files.ts';
import { startClient, startProbe } from './observers.ts';
import {
  startAgent,
  startAlertmanager,
  startKeepalived,
  startPrometheus,
  startResponder,
  startSshd,
} from './services.ts';
import { verifyCluster, verifyMonitoring } from './verify.ts';

export interface LabOptions {
  readonly name: string;
  readonly nodes: number;
  readonly profile: LabState['profile'];
  readonly policy: LabState['policy'];
  readonly sync: boolean;
}

/** Told one line per finished step. */
export type Progress = (line: string) => void;

/** Builds the lab and returns its state. Throws where a step fails; what was built until then stays for inspection until `down`. */
export async function labUp(options: LabOptions, progress: Progress): Promise<LabState> {
  await claimDirectory(options.name);
  const topology = topologyOf(options.name, options.nodes);
  const doors = await openDoors();
  const state = initialState(options, topology, doors);
  await writeLabState(state);
  const postgres = await accountOf('postgres');
  const [secrets] = await Promise.all([
    makeSecrets(options.name, topology),
    prepareSwitch(options.name),
    ...topology.hosts.map((host) => prepareHost(options.name, host, topology)),
  ]);
  const building: Building = { state, topology, secrets, postgres };
  progress('keys made, folders of all hosts prepared');

  await Promise.all(
    [SWITCH, ...topology.hosts.map((host) => host.name)].map((host) => powerOn(options.name, host)),
  );
  await makeBridges(options.name);
  await Promise.all(topology.hosts.map((host) => plugIn(options.name, host)));
  progress(`powered on: ${topology.hosts.map((host) => host.name).join(', ')}; two networks joined`);

  const config = await buildDatabases(building, doors, progress);
  await startNodes(building, config);
  // Prometheus begins to scrape 5 s after it starts (its discovery waits so long): by then the agents answer. Any earlier, and they would be the first alert.
  await startPrometheus(await poweredInit(options.name, 'mon'), state.prometheus);
  await Promise.all([startClient(state), startProbe(state, topology)]);
  progress('keepalived, agents, Prometheus, client and probe started');

  await verifyCluster(state, topology);
  progress('verified: pg1 writable behind the VIP, standbys streaming, agents answer, rows acknowledged');
  await verifyMonitoring(state, topology);
  const ready: LabState = { ...state, ready: true };
  await writeLabState(ready);
  progress('verified: every agent scraped, responder ready, no alert');
  return ready;
}

/** Takes the lab's folder, as a lock against a second lab of that name. Throws `locked`. */
async function claimDirectory(name: string): Promise<void> {
  const folder = labDirectory(name);
  await mkdir(folder.replace(/\/[^/]*$/, ''), { recursive: true });
  try {
    await mkdir(folder, { mode: 0o755 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new PrimacyError(
      'locked',
      `cannot start lab ${name}: it is there already, end it with "primacy lab down --name ${name}"`,
    );
  }
  if ((await labProcesses(name)).length > 0) {
    throw new PrimacyError(
      'locked',
      `cannot start lab ${name}: processes of it still run, end them with "primacy lab down --name ${name}"`,
    );
  }
}

function initialState(options: LabOptions, topology: Topology, doors: Doors): LabState {
  const [page, prometheus, alertmanager] = doors.ports.map((port) => `http://127.0.0.1:${port}`);
  return {
    ...options,
    vip: topology.vip,
    page: page ?? '',
    prometheus: prometheus ?? '',
    alertmanager: alertmanager ?? '',
    ready: false,
  };
}

/** Databases on one side, monitoring on the other: neither waits for the other one's disk. */
async function buildDatabases(building: Building, doors: Doors, progress: Progress): Promise<Config> {
  const { state, topology, secrets } = building;
  const [first, ...others] = databaseHosts(topology);
  if (first === undefined) throw new PrimacyError('usage', 'cannot build a lab without a database host');
  const draft = labConfig(state, topology, secrets, null);
  await writeConfiguration(building, draft);
  await Promise.all(databaseHosts(topology).map((host) => writePostgresFiles(building, host, draft)));

  const create = async (): Promise<Config> => {
    const systemIdentifier = await createCluster(building, first, draft);
    const config = labConfig(state, topology, secrets, systemIdentifier);
    await writeConfiguration(building, config);
    await fillDatabase(building, first, config);
    progress(`${first.name}: PostgreSQL created, filled and running`);
    await Promise.all(others.map((host) => createStandby(building, host, first, config)));
    progress(`${others.map((host) => host.name).join(', ')}: copied from ${first.name} and running`);
    return config;
  };
  const [config] = await Promise.all([create(), startMonitoring(building, doors, progress)]);
  await startResponder(await poweredInit(state.name, 'mon'));
  return config;
}

async function startMonitoring(building: Building, doors: Doors, progress: Progress): Promise<void> {
  const { state, topology } = building;
  const init = await poweredInit(state.name, 'mon');
  await serveDoors(state.name, init, doors);
  await startAlertmanager(init, state.alertmanager);
  await Promise.all(topology.hosts.map((host) => showPageInside(state, topology, host)));
  await Promise.all(
    nodeHosts(topology).map(async (host) => startSshd(await poweredInit(state.name, host.name))),
  );
  progress('Alertmanager and sshd started');
}

async function startNodes(building: Building, config: Config): Promise<void> {
  await Promise.all(
    nodeHosts(building.topology).map(async (host) => {
      const init = await poweredInit(building.state.name, host.name);
      if (host.kind === 'database') await startKeepalived(init, config);
      await startAgent(init);
    }),
  );
}

/** True where a lab of that name has a folder. */
export async function labExists(name: string): Promise<boolean> {
  try {
    await stat(labDirectory(name));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
