/** A lab that runs Primacy: keepalived, agents, Prometheus, Alertmanager and responder around the databases, client and probe. */
import type { Config } from '../../config/schema.ts';
import { poweredInit } from '../hosts/enter.ts';
import { openDoors, serveDoors, type Doors } from '../hosts/loopback.ts';
import { showPageInside } from '../hosts/page.ts';
import type { ProductLab } from '../state.ts';
import { nodeHosts, topologyOf, type Topology } from '../topology.ts';
import { adoptNodes } from './adopt.ts';
import type { Building, LabOptions, Progress } from './building.ts';
import { buildDatabases } from './database.ts';
import { configureHosts, layGround } from './ground.ts';
import { installGuardsOn } from './guards.ts';
import { startClient, startProbe } from './observers.ts';
import {
  startAgent,
  startAlertmanager,
  startKeepalived,
  startPrometheus,
  startResponder,
  startSshd,
} from './services.ts';
import { warmSources } from './warm-sources.ts';
import { verifyAgents, verifyCluster, verifyGuards, verifyMonitoring } from './verify.ts';

/** Builds it and looks until it works. */
export async function buildProductLab(
  options: LabOptions & { readonly agent: true },
  progress: Progress,
): Promise<ProductLab> {
  const topology = topologyOf(options.name, options.nodes, options.witness);
  const doors = await openDoors();
  const state = initialState(options, topology, doors);
  const building = await layGround(state, topology, progress);
  const draft = await configureHosts(building);
  // Databases on one side, monitoring on the other: neither waits for the other one's disk.
  const [config] = await Promise.all([
    buildDatabases(building, draft, progress),
    startMonitoring(building, doors, progress),
    warmSources(),
  ]);
  const mon = await poweredInit(options.name, 'mon');
  await startResponder(mon);
  await startNodes(building, config);
  // Prometheus begins to scrape 5 s after it starts (its discovery waits so long): by then the agents answer. Any earlier, and they would be the first alert.
  await startPrometheus(mon, state.prometheus);
  await Promise.all([startClient(state), startProbe(state, topology)]);
  progress('keepalived, agents, Prometheus, client and probe started');

  await verifyAgents(state, topology);
  if (state.adopt) {
    await adoptNodes(state.name, topology);
    await verifyGuards(state, topology);
    progress('adopted: pg1 holds the lease, fuses burn');
  }
  await verifyCluster(state, topology);
  progress('verified: pg1 writable behind the VIP, standbys streaming, rows acknowledged');
  await verifyMonitoring(state, topology);
  progress('verified: every agent scraped, responder ready, no alert');
  return state;
}

function initialState(
  options: LabOptions & { readonly agent: true },
  topology: Topology,
  doors: Doors,
): ProductLab {
  const [page, prometheus, alertmanager] = doors.ports;
  return {
    ...options,
    vip: topology.vip,
    page: `http://127.0.0.1:${page}`,
    prometheus: `http://127.0.0.1:${prometheus}`,
    alertmanager: `http://127.0.0.1:${alertmanager}`,
    ready: false,
  };
}

async function startMonitoring(
  building: Building<ProductLab>,
  doors: Doors,
  progress: Progress,
): Promise<void> {
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
      if (host.kind === 'database') {
        await installGuardsOn(building.state.name, host, config);
        await startKeepalived(init, config);
      }
      await startAgent(init);
    }),
  );
}
