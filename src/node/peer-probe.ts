/** Looks at every other database node by SQL at its own address, and keeps what was last seen of it directly. */
import { access, constants } from 'node:fs/promises';
import type { ClusterConfig, NodeConfig } from '../config/schema.ts';
import type { NodeName } from '../core/model/names.ts';
import type { Sight } from '../core/model/node-report.ts';
import { errorText } from '../core/model/primacy-error.ts';
import { bootMillis, systemClock } from '../world/clock.ts';
import {
  createSampler,
  samplingSettings,
  type SampleOutcome,
  type Sampler,
} from '../world/postgres/sample.ts';
import { createSession, type PostgresSession } from '../world/postgres/session.ts';
import { every } from './every.ts';
import type { Log } from './log.ts';
import { lookOf, serverOf, type PeerLook, type PeerServer } from './peer-look.ts';

export interface PeerView {
  /** Null before the first look ended, and while this node itself is at fault (it cannot read its password). */
  readonly look: PeerLook | null;
  /** The last time it answered; null = never since this agent was started. */
  readonly answered: PeerServer | null;
  /** The last time it answered as a primary: the yardstick of what a failover would lose (F10). */
  readonly asPrimary: PeerServer | null;
}

export interface PeerProbe {
  /** Newest look at each other database node that was looked at. */
  readonly sights: () => readonly Sight[];
  /** Everything null for a node that is not probed. */
  readonly of: (node: NodeName) => PeerView;
  /** Probes until the signal is aborted, then closes its sessions. */
  readonly run: (signal: AbortSignal) => Promise<void>;
}

export interface PeerProbeParts {
  readonly cluster: ClusterConfig;
  readonly node: NodeConfig;
  readonly log: Log;
}

/** A peer must not cost more: whoever judges a failover waits for this look. */
const LIMIT_MS = 1_000;
const NOTHING: PeerView = { look: null, answered: null, asPrimary: null };

/** Makes the probe. Connects to nothing before `run`. */
export function createPeerProbe(parts: PeerProbeParts): PeerProbe {
  const { cluster, node } = parts;
  const peers = new Map<NodeName, ProbedPeer>();
  for (const other of cluster.nodes) {
    if (other.kind !== 'database' || other.name === node.name) continue;
    peers.set(other.name as NodeName, new ProbedPeer(cluster, other, parts.log));
  }
  return {
    sights: () =>
      [...peers].flatMap(([name, { view }]) =>
        view.look === null
          ? []
          : [{ node: name, role: view.look.role, ageMs: bootMillis() - view.look.beganAt }],
      ),
    of: (name) => peers.get(name)?.view ?? NOTHING,
    run: async (signal) => {
      await Promise.all([...peers.values()].map((peer) => peer.run(signal)));
    },
  };
}

/** One peer, looked at by itself, so that one that is silent delays no look at another. */
class ProbedPeer {
  readonly #cluster: ClusterConfig;
  readonly #name: string;
  readonly #log: Log;
  readonly #session: PostgresSession;
  readonly #sampler: Sampler;
  readonly #connectMs: number;
  #view: PeerView = NOTHING;
  #ownFault = false;

  constructor(cluster: ClusterConfig, peer: NodeConfig, log: Log) {
    const { postgres, heartbeat, timings } = cluster;
    this.#cluster = cluster;
    this.#name = peer.name;
    this.#log = log;
    this.#connectMs = Math.min(timings.sqlConnectSeconds * 1000, LIMIT_MS);
    this.#session = createSession({
      host: peer.addresses[0] ?? '',
      port: postgres.port,
      database: heartbeat.database,
      user: postgres.role,
      passwordFile: postgres.passwordFile,
      applicationName: 'primacy peer probe',
      connectTimeoutMs: this.#connectMs,
      settings: samplingSettings(LIMIT_MS / 1000),
    });
    this.#sampler = createSampler(this.#session);
  }

  get view(): PeerView {
    return this.#view;
  }

  async run(signal: AbortSignal): Promise<void> {
    await every({
      clock: systemClock,
      intervalMs: this.#cluster.timings.peerProbeSeconds * 1000,
      signal,
      step: () => this.#step(),
      failed: (error) => this.#log.error({ error: errorText(error) }, `cannot look at ${this.#name}`),
    });
    await this.#session.close();
  }

  async #step(): Promise<void> {
    const beganAt = bootMillis();
    const connecting = this.#session.backendPid() === null ? this.#connectMs : 0;
    const outcome = await this.#sampler.sample(connecting + LIMIT_MS);
    if (await this.#isOwnFault(outcome)) {
      this.#view = { ...this.#view, look: null };
      return;
    }
    const look = lookOf(outcome, beganAt, bootMillis());
    if (look.role !== this.#view.look?.role)
      this.#log.info({ peer: this.#name, role: look.role, why: look.detail }, 'peer seen');
    const answered = outcome.kind === 'sample' ? serverOf(outcome.sample, beganAt) : this.#view.answered;
    const asPrimary = look.role === 'primary' ? answered : this.#view.asPrimary;
    this.#view = { look, answered, asPrimary };
  }

  /** A login that was refused, or that we could not even try: without our password nothing was learnt about the peer. */
  async #isOwnFault(outcome: SampleOutcome): Promise<boolean> {
    const { passwordFile } = this.#cluster.postgres;
    if (outcome.kind === 'sample' || outcome.failure.sqlState !== '28000') return false;
    try {
      await access(passwordFile, constants.R_OK);
      this.#ownFault = false;
    } catch (error) {
      if (!this.#ownFault) this.#log.error({ error: errorText(error) }, `cannot look at ${this.#name}`);
      this.#ownFault = true;
    }
    return this.#ownFault;
  }
}
