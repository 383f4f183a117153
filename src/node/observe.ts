/** One fresh look at this node by this process itself, with the agent dead or alive: what `primacy node observe` answers. */
import { vipAddress } from '../config/vip.ts';
import type { Paths } from '../config/paths.ts';
import type { ClusterConfig, NodeConfig } from '../config/schema.ts';
import { known, mapKnown, unknown, type Known } from '../core/model/known.ts';
import type { Lsn } from '../core/model/lsn.ts';
import type { NodeName } from '../core/model/names.ts';
import type {
  KeepalivedObservation,
  NodeObservation,
  PostgresObservation,
} from '../core/model/observation.ts';
import { systemClock, type Clock } from '../world/clock.ts';
import { readFenceMarker } from '../world/files/fence-marker.ts';
import { readRejoinProgress } from '../world/files/rejoin-manifest.ts';
import { observeKeepalived } from '../world/keepalived/reader.ts';
import { readVip } from '../world/network/addresses.ts';
import { readControlFile } from '../world/postgres/control-data.ts';
import { localRunner } from '../world/remote/local-runner.ts';
import type { Runner } from '../world/remote/runner.ts';
import { readAgent } from './agent-pid-file.ts';
import { observeLease } from './observe-lease.ts';
import { createPostgresLooker, type PostgresLook } from './postgres-look.ts';

export interface ObserveContext {
  readonly cluster: ClusterConfig;
  readonly node: NodeConfig;
  readonly paths: Paths;
}

/** Looks once, all parts at the same time, at most `timings.observeSeconds` long; what did not answer by then is unknown. Never rejects. */
export async function observe(context: ObserveContext): Promise<NodeObservation> {
  const { cluster, node, paths } = context;
  const [runner, clock] = [localRunner, systemClock];
  const at = clock.wallMillis();
  const limit = new AbortController();
  const bounded = <T>(work: Promise<Known<T>>): Promise<Known<T>> =>
    Promise.race([work, timeUp(clock, cluster.timings.observeSeconds, limit.signal)]);
  const isDatabase = node.kind === 'database';
  const [postgres, vip, keepalived, fence, rejoin, lease] = await Promise.all([
    isDatabase ? bounded(observePostgres(cluster, runner).then(known)) : null,
    bounded(readVip(vipAddress(cluster), runner)),
    isDatabase ? bounded(observeVrrp(cluster, clock)) : null,
    bounded(readFenceMarker(paths.fenceMarker)),
    bounded(readRejoinProgress(paths.rejoinManifest)),
    bounded(observeLease(node.name, paths)),
  ]);
  limit.abort();
  return {
    node: node.name as NodeName,
    kind: node.kind,
    at,
    agentRunning: mapKnown(readAgent(paths.agentPidFile), (agent) => agent?.running ?? false),
    postgres: postgres?.kind === 'unknown' ? unanswered(postgres.reason) : (postgres?.value ?? null),
    vip,
    keepalived,
    fence,
    rejoin,
    lease,
  };
}

async function timeUp(clock: Clock, seconds: number, signal: AbortSignal): Promise<Known<never>> {
  const reason = `no answer within ${seconds} s`;
  try {
    await clock.wait(seconds * 1000, signal);
  } catch (error) {
    // Aborted because everything else was quicker: nobody waits for this any more.
    if (!signal.aborted) throw error;
  }
  return unknown(reason);
}

function observeVrrp(cluster: ClusterConfig, clock: Clock): Promise<Known<KeepalivedObservation>> {
  return observeKeepalived(cluster.keepalived, clock, cluster.timings.keepalivedAnswerSeconds * 1000);
}

async function observePostgres(cluster: ClusterConfig, runner: Runner): Promise<PostgresObservation> {
  const looker = createPostgresLooker(cluster.postgres, cluster.heartbeat.database, cluster.timings);
  const look = await looker.look();
  await looker.close();
  const control =
    look.role === 'down'
      ? await readControlFile(runner, cluster.postgres)
      : unknown('read only while the server is down');
  return { ...answered(look), control };
}

/** The sample as an observation. A position that the server has no value for is unknown, with that as reason. */
function answered(look: PostgresLook): Omit<PostgresObservation, 'control'> {
  const { role, roleReason, sample } = look;
  if (sample.kind === 'unknown') return { ...unanswered(sample.reason), role, roleReason };
  const it = sample.value;
  const position = (lsn: Lsn | null): Known<Lsn> =>
    lsn === null ? unknown(`a server in role ${role} gave no such position`) : known(lsn);
  return {
    role,
    roleReason,
    systemIdentifier: known(it.systemIdentifier),
    timeline: it.timeline,
    history: it.history,
    currentLsn: position(it.currentLsn),
    receiveLsn: position(it.receiveLsn),
    replayLsn: position(it.replayLsn),
    receiver: known(it.receiver),
    senders: known(it.senders),
    suspendedSynchronous: it.suspendedSynchronous,
  };
}

function unanswered(reason: string): PostgresObservation {
  const nothing = unknown(reason);
  return {
    role: 'unknown',
    roleReason: reason,
    systemIdentifier: nothing,
    timeline: nothing,
    history: nothing,
    currentLsn: nothing,
    receiveLsn: nothing,
    replayLsn: nothing,
    receiver: nothing,
    senders: nothing,
    suspendedSynchronous: nothing,
    control: nothing,
  };
}
