/** Collects everything a start is decided from; on a stopped server it first takes the VIP away, because a start must find it gone. */
import { join } from 'node:path';
import type { DataAtStart, ForceAtStart, StartSnapshot } from '../../core/guard/start-snapshot.ts';
import { known, mapKnown, unknown, type Known } from '../../core/model/known.ts';
import type { Lsn } from '../../core/model/lsn.ts';
import type { NodeName, SystemIdentifier } from '../../core/model/names.ts';
import { errorText } from '../../core/model/primacy-error.ts';
import { readAdoption } from '../../world/files/adoption.ts';
import { readFenceMarker } from '../../world/files/fence-marker.ts';
import { readRejoinProgress } from '../../world/files/rejoin-manifest.ts';
import { readControlFile, type ControlFile } from '../../world/postgres/control-data.ts';
import { processesOf } from '../../world/postgres/processes.ts';
import { readAgent } from '../agent-pid-file.ts';
import { createPostgresLooker } from '../postgres-look.ts';
import { openLoserWal, type LoserWal } from '../procedures/account/loser-wal.ts';
import type { ProcedureContext } from '../procedures/context.ts';
import type { RunStep } from '../procedures/run-step.ts';
import { askVoters } from './ask-voters.ts';
import { endOfOwnWal } from './end-of-own-wal.ts';
import { lookAtPeers } from './look-at-peers.ts';
import { otherStarts } from './other-starts.ts';
import { takeVipAwayUnlessGone } from './vip-gone.ts';

const LOOK_LIMIT_MILLIS = 2_000;
const notAsked = unknown('not asked, because the server runs');

/** Never rejects for what could not be seen: that is unknown. */
export async function lookBeforeStart(
  context: ProcedureContext,
  step: RunStep,
  force: ForceAtStart | null,
): Promise<StartSnapshot> {
  const { cluster, node, paths } = context;
  const server = await ownServer(context);
  const isDown = server.kind === 'known' && server.value.processes === 0;
  // A running server is only reported: nothing of it is touched, and nobody need be asked unless it is to be forced.
  const looks = isDown || force !== null;
  const [vipHere, adopted, fence, rejoin, data, answers] = await Promise.all([
    isDown ? dropVip(context, step) : looks ? vipPresence(context) : notAsked,
    readAdoption(paths.adoption).then((it) => mapKnown(it, (value) => value !== null)),
    readFenceMarker(paths.fenceMarker),
    readRejoinProgress(paths.rejoinManifest),
    isDown ? dataOf(context) : looks ? runningDataOf(context) : notAsked,
    looks ? askVoters(context) : null,
  ]);
  return {
    self: node.name as NodeName,
    systemIdentifier: cluster.systemIdentifier as SystemIdentifier | null,
    adopted,
    server,
    vipHere,
    fence,
    rejoin,
    data,
    otherStarts: await otherStarts(cluster.postgres),
    voters: cluster.nodes.map((it) => it.name as NodeName),
    ownVote: answers?.own ?? notAsked,
    peers: answers === null ? new Map() : await lookAtPeers(context, answers),
    agentActs: agentRuns(paths.agentPidFile),
    force,
  };
}

async function ownServer(context: ProcedureContext): Promise<StartSnapshot['server']> {
  const { postgres, heartbeat, timings } = context.cluster;
  try {
    const processes = (await processesOf(postgres.dataDirectory)).length;
    if (processes === 0) return known({ role: 'down', processes });
    const looker = createPostgresLooker(postgres, heartbeat.database, timings);
    const { role } = await looker.look();
    await looker.close();
    return known({ role, processes });
  } catch (error) {
    return unknown(errorText(error));
  }
}

async function dropVip(context: ProcedureContext, step: RunStep): Promise<Known<boolean>> {
  try {
    const left = await takeVipAwayUnlessGone(context, step);
    return left === null ? known(false) : unknown(left);
  } catch (error) {
    return unknown(errorText(error));
  }
}

async function vipPresence(context: ProcedureContext): Promise<Known<boolean>> {
  return mapKnown(await context.vip.read(), (it) => it.present);
}

function agentRuns(path: string): boolean {
  const agent = readAgent(path);
  return agent.kind === 'known' && agent.value?.running === true;
}

async function dataOf(context: ProcedureContext): Promise<Known<DataAtStart>> {
  const control = await readControlFile(context.runner, context.cluster.postgres);
  if (control.kind === 'unknown') return control;
  try {
    const [defect, wal] = await Promise.all([defectOf(context), openLoserWal(context, control.value)]);
    return known({
      control: control.value,
      defect,
      timeline: wal.branch.timeline,
      history: wal.history,
      endLsn: await endOf(context, control.value, wal),
    });
  } catch (error) {
    return unknown(errorText(error));
  }
}

/** Only whose data they are: a server that runs goes on writing, so that their end means nothing. */
async function runningDataOf(context: ProcedureContext): Promise<Known<DataAtStart>> {
  const control = await readControlFile(context.runner, context.cluster.postgres);
  if (control.kind === 'unknown') return control;
  return known({
    control: control.value,
    defect: await defectOf(context),
    timeline: control.value.checkpointTimeline,
    history: '',
    endLsn: unknown('not read while the server runs'),
  });
}

/** By a child: a hung disk costs the child, not us. */
async function defectOf(context: ProcedureContext): Promise<string | null> {
  const { dataDirectory, user } = context.cluster.postgres;
  const result = await context.runner.run({
    program: 'stat',
    arguments: ['-c', '%U', dataDirectory, join(dataDirectory, 'PG_VERSION')],
    timeoutMs: LOOK_LIMIT_MILLIS,
  });
  if (result.kind !== 'done') return `${dataDirectory} has no PG_VERSION`;
  const owners = new Set(result.stdout.trim().split('\n'));
  return owners.size === 1 && owners.has(user)
    ? null
    : `${dataDirectory} belongs to ${[...owners].join(', ')}, expected ${user}`;
}

/** WAL whose end is not found is counted before anything of it is discarded. */
async function endOf(context: ProcedureContext, control: ControlFile, wal: LoserWal): Promise<Known<Lsn>> {
  try {
    return known(await endOfOwnWal(context, control, wal));
  } catch (error) {
    return unknown(errorText(error));
  }
}
