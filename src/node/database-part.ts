/** What an agent does on a database node and not on a witness: look at PostgreSQL, keep the gate, write the heartbeat, ask keepalived. */
import { join } from 'node:path';
import type { Paths } from '../config/paths.ts';
import type { ClusterConfig } from '../config/schema.ts';
import type { FenceMarker } from '../core/model/fence-marker.ts';
import type { Known } from '../core/model/known.ts';
import { systemClock } from '../world/clock.ts';
import { createKeepalivedCheck } from '../world/keepalived/check.ts';
import { readGate, writeGate } from '../world/keepalived/gate.ts';
import { createKeepalivedReader } from '../world/keepalived/reader.ts';
import { every } from './every.ts';
import { lookAtFencing } from './fencing-view.ts';
import { createGateKeeper, gateHoldMillis } from './gate-keeper.ts';
import { createHeartbeat, createHeartbeatSession } from './heartbeat.ts';
import type { Log } from './log.ts';
import { createPostgresLooker } from './postgres-look.ts';
import type { ScrapeSources } from './scrape.ts';
import { shareFresh } from './share-fresh.ts';
import { createSyncProbe } from './sync-probe.ts';

export interface DatabaseParts {
  readonly cluster: ClusterConfig;
  readonly paths: Paths;
  readonly readFence: () => Promise<Known<FenceMarker | null>>;
  readonly log: Log;
}

export interface DatabasePart extends NonNullable<ScrapeSources['database']> {
  /** True once the gate was decided for the first time. */
  readonly ready: () => boolean;
  /** Runs gate, heartbeat and probe until the signal is aborted. */
  readonly run: (signal: AbortSignal) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Builds the part. The gate is closed from here on, unless an earlier agent left one that the first look will judge. */
export async function createDatabasePart(parts: DatabaseParts): Promise<DatabasePart> {
  const { cluster, paths, readFence, log } = parts;
  const { timings } = cluster;
  const looker = createPostgresLooker(cluster.postgres, cluster.heartbeat.database, timings);
  const look = shareFresh(looker.look);
  if ((await readGate(paths.gateFile)).kind === 'unknown') await writeGate(paths.gateFile, false);
  const gate = createGateKeeper({
    gateFile: paths.gateFile,
    holdMs: gateHoldMillis(timings),
    look,
    readFence,
    log,
  });
  const session = createHeartbeatSession(cluster);
  const role = () => gate.lastLook()?.role ?? 'unknown';
  const heartbeat = createHeartbeat(session, cluster, role, systemClock, log);
  const syncProbe = createSyncProbe(cluster, session, gate.lastLook);
  const keepalived = createKeepalivedReader(
    cluster.keepalived,
    systemClock,
    timings.keepalivedAnswerSeconds * 1000,
  );
  const loop = (name: string, seconds: number, step: () => Promise<void>) => (signal: AbortSignal) =>
    every({
      clock: systemClock,
      intervalMs: seconds * 1000,
      signal,
      step,
      failed: (error) => log.error({ error: String(error) }, `cannot step ${name}`),
    });
  const firstStep = () =>
    gate.step().catch((error: unknown) => log.error({ error: String(error) }, 'cannot step gate'));
  const loops = [
    loop('gate', timings.gateIntervalSeconds, gate.step),
    loop('heartbeat', cluster.heartbeat.interval, heartbeat.step),
    loop('synchronous commit probe', cluster.heartbeat.interval, syncProbe.step),
  ];
  return {
    look,
    keepalived: keepalived.read,
    checks: createKeepalivedCheck({
      configFile: cluster.keepalived.configFile,
      gateFile: paths.gateFile,
      vrrpInstance: cluster.keepalived.vrrpInstance,
      deadMan: { program: join(paths.guardDirectory, 'dead-man'), adoption: paths.adoption },
    }),
    fencing: () => lookAtFencing(cluster, paths, null),
    lastHeartbeat: heartbeat.last,
    synchronousWait: syncProbe.waits,
    ready: () => gate.lastLook() !== null,
    run: async (signal) => {
      // Heartbeat and probe go by the role that the gate's look found, so that comes first.
      await firstStep();
      await Promise.all(loops.map((start) => start(signal)));
    },
    close: async () => {
      // An agent that ends on request leaves the gate open only on a primary that was verified just now: a restart or an
      // upgrade of the agent must not take the VIP away. In all other cases nobody watches any more, so it is closed.
      if ((await look()).role !== 'primary') await writeGate(paths.gateFile, false);
      await Promise.all([looker.close(), session.close(), syncProbe.close()]);
    },
  };
}
