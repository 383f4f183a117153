/** What an agent does on a database node and not on a witness: look at PostgreSQL, keep the gate, write the heartbeat, ask keepalived. */
import { join } from 'node:path';
import type { Paths } from '../config/paths.ts';
import type { ClusterConfig } from '../config/schema.ts';
import type { FenceMarker } from '../core/model/fence-marker.ts';
import type { Known } from '../core/model/known.ts';
import { systemClock } from '../world/clock.ts';
import { createKeepalivedCheck, type CheckedFiles } from '../world/keepalived/check.ts';
import { readGate, writeGate } from '../world/keepalived/gate.ts';
import { createKeepalivedReader } from '../world/keepalived/reader.ts';
import { localRunner } from '../world/remote/local-runner.ts';
import { every } from './every.ts';
import { lookAtFencing } from './fencing-view.ts';
import { createGateKeeper, gateHoldMillis } from './gate-keeper.ts';
import { createHeartbeat, createHeartbeatSession } from './heartbeat.ts';
import type { Identity } from './identify.ts';
import { createKeeperPart, type KeeperPart } from './keeper/keeper-part.ts';
import type { KeeperState, PromotionAnswer } from './keeper/keeper.ts';
import type { LeaseService } from './lease/lease-service.ts';
import type { Log } from './log.ts';
import type { PeerProbe } from './peer-probe.ts';
import { createRejoinWatch, REJOIN_WATCH_SECONDS, type RejoinWatch } from './preflight/rejoin-watch.ts';
import { createPostgresLooker, type PostgresLook } from './postgres-look.ts';
import type { ScrapeSources } from './scrape.ts';
import { shareFresh } from './share-fresh.ts';
import type { JoinPolicy } from './start/joining.ts';
import { createSyncProbe } from './sync-probe.ts';

export interface DatabaseParts {
  readonly identity: Identity;
  readonly paths: Paths;
  readonly policy: JoinPolicy;
  readonly lease: LeaseService;
  readonly probe: PeerProbe;
  readonly signal: AbortSignal;
  readonly readFence: () => Promise<Known<FenceMarker | null>>;
  readonly log: Log;
}

export interface DatabasePart extends NonNullable<ScrapeSources['database']> {
  /** Null before the first look. */
  readonly keeper: () => KeeperState | null;
  /** For a person; the criteria decide. */
  readonly promote: () => Promise<PromotionAnswer>;
  readonly people: KeeperPart['people'];
  readonly takeVipProbe: KeeperPart['takeVipProbe'];
  /** True once the gate was decided for the first time. */
  readonly ready: () => boolean;
  /** Runs gate, heartbeat and probe until the signal is aborted. */
  readonly run: (signal: AbortSignal) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Builds the part. The gate is closed from here on, unless an earlier agent left one that the first look will judge. */
export async function createDatabasePart(parts: DatabaseParts): Promise<DatabasePart> {
  const { paths, readFence, log } = parts;
  const { cluster } = parts.identity;
  const { timings } = cluster;
  const looker = createPostgresLooker(cluster.postgres, cluster.heartbeat.database, timings);
  const look = shareFresh(looker.look);
  if ((await readGate(paths.gateFile)).kind === 'unknown') await writeGate(paths.gateFile, false);
  const session = createHeartbeatSession(cluster);
  const lastLook = (): PostgresLook | null => gate.lastLook();
  const role = () => lastLook()?.role ?? 'unknown';
  const heartbeat = createHeartbeat(session, cluster, role, systemClock, log);
  const syncProbe = createSyncProbe(cluster, session, lastLook);
  const keepalived = keepalivedReader(cluster);
  const checks = createKeepalivedCheck(checkedFiles(cluster, paths));
  const { cannotWriteSince } = heartbeat;
  const kept = await createKeeperPart({ ...parts, keepalived: keepalived.read, checks, cannotWriteSince });
  const { entitlement } = kept;
  const holdMs = gateHoldMillis(timings);
  const gate = createGateKeeper({ gateFile: paths.gateFile, holdMs, look, readFence, entitlement, log });
  const judgeGate = shareFresh(() => judge(gate, kept));
  const loop = (name: string, seconds: number, step: () => Promise<void>) => (signal: AbortSignal) =>
    repeat({ name, seconds, step, signal, log });
  const failed = (error: unknown): void => log.error({ error: String(error) }, 'cannot step gate');
  const judgeQuietly = () => judgeGate().catch(failed);
  const rejoinWatch = watchRejoins(parts, lastLook);
  const loops = [
    loop('gate', timings.gateIntervalSeconds, judgeGate),
    loop('heartbeat', cluster.heartbeat.interval, heartbeat.step),
    loop('synchronous commit probe', cluster.heartbeat.interval, syncProbe.step),
    loop('rejoin watch', REJOIN_WATCH_SECONDS, rejoinWatch.step),
    () => kept.run({ judge: judgeQuietly, promoted: gate.promoted }),
  ];
  return {
    look,
    keepalived: keepalived.read,
    checks,
    fencing: () => lookAtFencing(cluster, paths, kept.kernelLease()),
    lastHeartbeat: heartbeat.last,
    synchronousWait: syncProbe.waits,
    keeper: () => kept.keeper.state(),
    rejoin: rejoinWatch.last,
    hookRuns: kept.hookRuns,
    promote: () => kept.keeper.promote(),
    people: kept.people,
    takeVipProbe: kept.takeVipProbe,
    ready: () => gate.lastLook() !== null,
    run: async (signal) => {
      // Heartbeat and probe go by the role that the gate's look found; but a hung server must not hold up the keeper.
      await Promise.race([judgeQuietly(), waitBriefly(signal)]);
      await Promise.all(loops.map((start) => start(signal)));
    },
    close: async () => {
      await kept.close();
      // An agent that ends on request leaves the gate open only on a primary verified just now: its restart must not take
      // the VIP away. In all other cases nobody watches any more, so it is closed.
      if ((await look()).role !== 'primary') await writeGate(paths.gateFile, false);
      await Promise.all([looker.close(), session.close(), syncProbe.close()]);
    },
  };
}

/** The keeper is told what the gate saw. */
async function judge(gate: ReturnType<typeof createGateKeeper>, kept: KeeperPart): Promise<void> {
  await gate.step();
  const seen = gate.lastLook();
  if (seen !== null) kept.takeLook(seen);
}

function keepalivedReader({ keepalived, timings }: ClusterConfig): ReturnType<typeof createKeepalivedReader> {
  return createKeepalivedReader(keepalived, systemClock, timings.keepalivedAnswerSeconds * 1000);
}

function watchRejoins({ identity, paths }: DatabaseParts, lastLook: () => PostgresLook | null): RejoinWatch {
  return createRejoinWatch({ ...identity, paths, runner: localRunner, clock: systemClock, lastLook });
}

interface Repeated {
  readonly name: string;
  readonly seconds: number;
  readonly step: () => Promise<void>;
  readonly signal: AbortSignal;
  readonly log: Log;
}

function repeat({ name, seconds, step, signal, log }: Repeated): Promise<void> {
  return every({
    clock: systemClock,
    intervalMs: seconds * 1000,
    signal,
    step,
    failed: (error) => log.error({ error: String(error) }, `cannot step ${name}`),
  });
}

const FIRST_LOOK_MS = 500;

/** Ends early where the agent is told to end. */
async function waitBriefly(signal: AbortSignal): Promise<void> {
  await systemClock.wait(FIRST_LOOK_MS, signal).catch(() => undefined);
}

function checkedFiles(cluster: ClusterConfig, paths: Paths): CheckedFiles {
  return {
    configFile: cluster.keepalived.configFile,
    gateFile: paths.gateFile,
    vrrpInstance: cluster.keepalived.vrrpInstance,
    deadMan: { program: join(paths.guardDirectory, 'dead-man'), adoption: paths.adoption },
  };
}
