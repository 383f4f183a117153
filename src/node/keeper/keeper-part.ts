/** Builds the keeper of a database node from its parts, with the loops that feed it. */
import { once } from 'node:events';
import { realpath } from 'node:fs/promises';
import { readSecretFile } from '../../config/secret-file.ts';
import { vipAddress } from '../../config/vip.ts';
import type { Entitlement } from '../../core/guard/decide-gate.ts';
import { known, type Known } from '../../core/model/known.ts';
import type { VipProbe } from '../../metrics/view.ts';
import { bootMillis } from '../../world/clock.ts';
import type { KeepalivedCheck } from '../../world/keepalived/check.ts';
import type { KeepalivedData } from '../../world/keepalived/json.ts';
import { readGate } from '../../world/keepalived/gate.ts';
import { lookAtVip } from '../../world/network/addresses.ts';
import { createKernelLease, type KernelLeaseState } from '../../world/network/kernel-lease.ts';
import type { PostgresSession } from '../../world/postgres/session.ts';
import { localRunner } from '../../world/remote/local-runner.ts';
import { createHandOverSession } from '../hand-over/context.ts';
import { createWalServer } from '../hand-over/wal-server.ts';
import { createHooks, type Hooks } from '../hooks/create-hooks.ts';
import { createVipWatch } from './vip-watch.ts';
import { lookForHook } from '../hooks/look-for-hook.ts';
import type { Identity } from '../identify.ts';
import type { LeaseService } from '../lease/lease-service.ts';
import type { Log } from '../log.ts';
import type { PeerProbe } from '../peer-probe.ts';
import type { PostgresLook } from '../postgres-look.ts';
import { hostContext } from '../procedures/host-context.ts';
import { SlotKeeper } from '../slots/slot-keeper.ts';
import type { JoinPolicy } from '../start/joining.ts';
import type { Paths } from '../../config/paths.ts';
import type { KeeperContext } from './context.ts';
import { LeaseEntitlement } from './entitlement.ts';
import { createFileReader, type FileReader } from './facts.ts';
import { Keeper } from './keeper.ts';
import { leaveLease, type LeaveParts } from './leave-lease.ts';
import { LastPrimaries } from './last-primary.ts';
import { runLoops } from './loops.ts';
import { createLifeProbe } from './life-probe.ts';
import { dutyLimits } from './limits.ts';
import { KeeperMemory } from './memory.ts';
import { OwnServer } from './own-server.ts';
import { createPeopleRequests, type PeopleRequests } from './people-requests.ts';
import { Surroundings } from './surroundings.ts';
import { createServerWatch, type ServerWatch } from './watch.ts';

export interface KeeperPartParts {
  readonly identity: Identity;
  readonly paths: Paths;
  readonly policy: JoinPolicy;
  readonly log: Log;
  readonly lease: LeaseService;
  readonly probe: PeerProbe;
  readonly keepalived: () => Promise<Known<KeepalivedData>>;
  readonly checks: () => readonly KeepalivedCheck[];
  readonly cannotWriteSince: () => number | null;
  readonly signal: AbortSignal;
}

export interface KeeperPart {
  readonly keeper: Keeper;
  readonly entitlement: () => Entitlement;
  readonly kernelLease: () => KernelLeaseState;
  readonly people: PeopleRequests;
  readonly hookRuns: Hooks['runs'];
  /** What the background watch of the VIP saw. */
  readonly takeVipProbe: (probe: Known<VipProbe>) => void;
  /** A look that the gate took. */
  readonly takeLook: (look: PostgresLook) => void;
  /** Runs until the signal is aborted. */
  readonly run: (gate: GateLink) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** What is under way when the agent is told to end gets so long: a promotion, or a proof and its transfer. */
const SETTLE_LIMIT_MS = 5_000;

/** Throws `config-invalid` where the cluster's secret cannot be read, `missing-prerequisite` where WAL cannot be served. */
export async function createKeeperPart(parts: KeeperPartParts): Promise<KeeperPart> {
  const { identity, paths, lease, probe, log } = parts;
  const { cluster, node } = identity;
  const own = new OwnServer(cluster, await watchOf(cluster.postgres.dataDirectory));
  const memory = await KeeperMemory.load(paths, log);
  const files = createFileReader(paths);
  await files.step();
  const entitlement = await entitlementAtStart(lease, files, paths.gateFile, own);
  const life = createLifeProbe(cluster);
  const surroundings = new Surroundings({ ...parts, cluster, runner: localRunner });
  let gate: GateLink = { judge: () => Promise.resolve(), promoted: () => Promise.resolve() };
  const context = await createContext(parts, own, memory, async ({ uuid }) => {
    entitlement.confirm(uuid);
    own.promoted(bootMillis());
    await gate.promoted();
  });
  const vip = createVipWatch(vipAddress(cluster), paths.gateFile);
  const primaries = new LastPrimaries(probe);
  const failovers = () => memory.failovers();
  const keeper = new Keeper({
    cluster,
    node,
    lease,
    own,
    surroundings,
    memory,
    context,
    probe,
    evidence: { cluster, node, paths, own, surroundings, primaries, probe, failovers, lease },
    limits: dutyLimits(cluster.timings),
    facts: () => ({
      ...files.last(),
      ...vip(),
      silentSince: life.silentSince(),
      cannotWriteSince: parts.cannotWriteSince(),
      kernelLease: context.kernelLease.state().kind === 'active',
    }),
    lookNow: () => gate.judge(),
    confirmedEpoch: () => entitlement.confirmed,
  });
  const loops = { keeper, files, life, surroundings, context, session: settingsSessionOf(context) };
  return {
    keeper,
    entitlement: () => entitlement.now(),
    kernelLease: context.kernelLease.state,
    people: createPeopleRequests({ context, files, keeper }),
    hookRuns: context.hooks.runs,
    takeVipProbe: (answer) => surroundings.takeVipProbe(...vipProbeAt(answer)),
    takeLook: (look) => own.takeLook(look, bootMillis() - Math.round(performance.now() - look.beganAt)),
    run: async (link) => {
      gate = link;
      await Promise.all([runLoops(loops, parts.signal, log), leaveAtTheEnd(loops, parts.signal)]);
    },
    close: async () => {
      await keeper.settled(SETTLE_LIMIT_MS);
      await Promise.all([memory.written(), loops.session.close(), life.close(), closeContext(context)]);
    },
  };
}

/** As soon as the agent is told to end: until then the loops have kept the lease short, and from then on nothing does. */
async function leaveAtTheEnd(parts: Omit<LeaveParts, 'runner'>, signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
  await leaveLease({ ...parts, runner: localRunner });
}

async function entitlementAtStart(
  lease: LeaseService,
  files: FileReader,
  gateFile: string,
  own: OwnServer,
): Promise<LeaseEntitlement> {
  const entitlement = new LeaseEntitlement(lease, files.last);
  const gate = await readGate(gateFile);
  entitlement.inherit(gate.kind === 'known' && gate.value);
  own.epochConfirmed = entitlement.confirmed !== null;
  return entitlement;
}

async function closeContext({ session, walServer, kernelLease }: KeeperContext): Promise<void> {
  await Promise.all([session.close(), walServer.close(), kernelLease.close()]);
}

/** The gate is judged by what is built after the keeper and asks it. */
export interface GateLink {
  /** Asks the server and judges the gate; calls at the same time share one. */
  readonly judge: () => Promise<void>;
  /** Judges the gate of a server that was proven to be primary in this moment. */
  readonly promoted: () => Promise<void>;
}

async function createContext(
  parts: KeeperPartParts,
  own: OwnServer,
  memory: KeeperMemory,
  epochWritten: KeeperContext['epochWritten'],
): Promise<KeeperContext> {
  const { identity, paths, lease, policy, log, signal } = parts;
  const { cluster, node } = identity;
  const { value: secret } = await readSecretFile(cluster.agent.secretFile);
  const host = hostContext(identity, paths, []);
  const address = vipAddress(cluster);
  const seen = () => lookForHook({ identity, lease, own });
  const hooks = createHooks({ ...host, config: cluster.hooks, log, seen, signal });
  const session = createHandOverSession(cluster, host.local);
  const { probe } = parts;
  return {
    ...host,
    // The kernel's own table, without a process: in a failover each one costs what clients wait for.
    vip: { ...host.vip, read: () => Promise.resolve(lookAtVip(address)) },
    identity,
    secret,
    session,
    lease,
    walServer: await createWalServer({ cluster, node, secret }, cluster.agent.voterPort),
    kernelLease: createKernelLease(cluster, paths.adoption),
    own,
    memory,
    slots: await SlotKeeper.load({ context: host, path: paths.slots, session, probe, log }),
    hooks,
    policy,
    log,
    signal,
    epochWritten,
  };
}

/** A session of its own: a procedure must not wait for a question about settings. */
function settingsSessionOf({ cluster, local }: KeeperContext): PostgresSession {
  return createHandOverSession(cluster, local);
}

/** The background watch tells the wall clock's time. */
function vipProbeAt(answer: Known<VipProbe>): [Known<boolean>, number] {
  if (answer.kind === 'unknown') return [answer, bootMillis()];
  const ageMs = Date.now() - answer.value.endedAt * 1000;
  return [known(answer.value.answered), bootMillis() - ageMs];
}

/** Of the directory as written, and without symbolic links; the latter is what /proc shows. */
async function watchOf(dataDirectory: string): Promise<ServerWatch> {
  const real = await realpath(dataDirectory).catch(() => dataDirectory);
  return createServerWatch(new Set([dataDirectory, real]));
}
