/** One scrape: every collector at once, each within the same budget, gathered into one view. */
import type { Identity } from './identify.ts';
import { vipAddress } from '../config/vip.ts';
import type { FenceMarker } from '../core/model/fence-marker.ts';
import type { Sight } from '../core/model/node-report.ts';
import { known, type Known } from '../core/model/known.ts';
import type { LeaseView } from '../metrics/lease-view.ts';
import type { RejoinView } from '../metrics/rejoin-view.ts';
import type {
  FencingView,
  HeartbeatWrite,
  HookRuns,
  KeeperView,
  ScrapeView,
  VipProbe,
} from '../metrics/view.ts';
import type { KeepalivedCheck } from '../world/keepalived/check.ts';
import { readGate } from '../world/keepalived/gate.ts';
import type { KeepalivedData } from '../world/keepalived/json.ts';
import { lookAtVip } from '../world/network/addresses.ts';
import { collect, type Collected } from './collect.ts';
import type { KeeperState } from './keeper/keeper.ts';
import type { PostgresLook } from './postgres-look.ts';
import type { ReloadState } from './reload.ts';

/** What a scrape asks, and the background parts whose last result it shows. */
export interface ScrapeSources {
  readonly identity: Identity;
  readonly version: string;
  readonly gateFile: string;
  readonly readFence: () => Promise<Known<FenceMarker | null>>;
  readonly lastVipProbe: () => Known<VipProbe>;
  /** Null where this agent takes no part in a lease. */
  readonly lease: (() => LeaseView) | null;
  readonly sights: () => readonly Sight[];
  readonly reload: () => ReloadState;
  /** Null on a witness. */
  readonly database: {
    readonly look: () => Promise<PostgresLook>;
    readonly keepalived: () => Promise<Known<KeepalivedData>>;
    readonly checks: () => readonly KeepalivedCheck[];
    readonly fencing: () => FencingView;
    readonly keeper: () => KeeperState | null;
    readonly rejoin: () => RejoinView;
    readonly hookRuns: () => readonly HookRuns[];
    readonly lastHeartbeat: () => HeartbeatWrite | null;
    readonly synchronousWait: () => Known<boolean> | null;
  } | null;
}

/** Gathers the view. Takes at most the budget, whatever the world does; never rejects. */
export async function scrape(sources: ScrapeSources, budgetMs: number): Promise<ScrapeView> {
  const { identity, database } = sources;
  const { cluster, node } = identity;
  const vip = vipAddress(cluster);
  const [postgres, keepalived, checks, gate, present, fence] = await Promise.all([
    database && collect('postgres', budgetMs, async () => known(await database.look())),
    database && collect('keepalived', budgetMs, database.keepalived),
    database && collect('keepalived_check', budgetMs, () => Promise.resolve(known(database.checks()))),
    database && collect('gate', budgetMs, () => readGate(sources.gateFile)),
    collect('vip', budgetMs, () => Promise.resolve(lookAtVip(vip))),
    collect('fence', budgetMs, sources.readFence),
  ]);
  const collected: readonly (Collected<unknown> | null)[] = [
    postgres && succeeded(postgres),
    keepalived,
    checks,
    gate,
    present,
    fence,
  ];
  return {
    version: sources.version,
    nodeVersion: process.version,
    cluster: cluster.name,
    node: node.name,
    kind: node.kind,
    vip,
    interface: cluster.interface,
    vrrpInstance: cluster.keepalived.vrrpInstance,
    postgres: postgres && postgresView(postgres.value),
    heartbeatWrite: database?.lastHeartbeat() ?? null,
    synchronousWait: database?.synchronousWait() ?? null,
    vipPresent: present.value,
    vipProbe: sources.lastVipProbe(),
    gateOpen: gate && gate.value,
    keepalived: keepalived && keepalived.value,
    keepalivedChecks: checks?.value.kind === 'known' ? checks.value.value : [],
    fence: fence.value,
    fencing: database?.fencing() ?? null,
    keeper: keeperView(database?.keeper() ?? null),
    rejoin: database?.rejoin() ?? null,
    hookRuns: database?.hookRuns() ?? [],
    lostSlots: database?.keeper()?.lostSlots ?? [],
    lease: sources.lease?.() ?? null,
    sights: sources.sights(),
    reload: sources.reload(),
    collectors: collected.flatMap((it) => (it === null ? [] : [it.result])),
  };
}

/** Success means that the server was seen: its answer, or the certainty that none of its processes is there. */
function succeeded(collected: Collected<PostgresLook>): Collected<PostgresLook> {
  const { value, result } = collected;
  const success =
    value.kind === 'known' && (value.value.sample.kind === 'known' || value.value.role === 'down');
  return { value, result: { ...result, success } };
}

/** A standby alone has somebody to succeed. */
function keeperView(state: KeeperState | null): KeeperView | null {
  if (state === null) return null;
  const mayBePromoted = state.snapshot.server.state !== 'writable';
  return {
    duty: state.duty.kind,
    criteria: mayBePromoted ? (state.failover?.criteria ?? null) : null,
  };
}

function postgresView(look: Known<PostgresLook>): ScrapeView['postgres'] {
  if (look.kind === 'unknown') return { role: 'unknown', sample: look };
  return { role: look.value.role, sample: look.value.sample };
}
