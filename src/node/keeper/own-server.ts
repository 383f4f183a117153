/** All that the keeper knows of this node's own server: what its processes show at once, and what it said when it was last asked. */
import type { ClusterConfig } from '../../config/schema.ts';
import type { DutyServer } from '../../core/guard/duty.ts';
import type { CandidateServer } from '../../core/guard/failover-snapshot.ts';
import { known, mapKnown, unknown, type Known } from '../../core/model/known.ts';
import type { Lsn } from '../../core/model/lsn.ts';
import type { NodeName } from '../../core/model/names.ts';
import type { ServerReport } from '../../core/model/node-report.ts';
import type { Role } from '../../core/model/role.ts';
import type { TimelineId } from '../../core/model/timeline.ts';
import { conninfoValue } from '../../world/postgres/candidate-settings.ts';
import { historyHash } from '../../world/postgres/history-hash.ts';
import type { PostgresSample } from '../../world/postgres/sample-row.ts';
import type { PostgresLook } from '../postgres-look.ts';
import { nodeAt } from './node-at.ts';
import { reignOf, reportFrom, stillOn, synchronousWord, type OwnReign } from './own-report.ts';
import { flat, fromNullable, greatest } from './sample-values.ts';
import { StandbySettings } from './standby-settings.ts';
import type { ServerWatch, WatchedServer } from './watch.ts';

/** An answer older than this says nothing about now. */
const FRESH_MS = 1_500;
/** A receiver whose position has not moved for so long, and that heard nothing either, receives nothing. */
const QUIET_MS = 1_500;

interface Answer {
  readonly look: PostgresLook;
  /** When the look began, boot-time milliseconds. */
  readonly at: number;
  /** Of the server that ran then. */
  readonly postmaster: number | null;
}

const READ_ONLY_DEFAULT = 'default_transaction_read_only is on';

/** Filled by the keeper's loops, read by its decisions. All moments are boot-time milliseconds. */
export class OwnServer {
  readonly #cluster: ClusterConfig;
  readonly #watch: ServerWatch;
  #seen: WatchedServer = { state: 'unknown', since: 0, suspended: false, postmaster: null };
  #answer: Answer | null = null;
  readonly settings: StandbySettings = new StandbySettings();
  /** The branch that this very server was last seen to receive or replay. */
  #branch: { readonly timeline: TimelineId; readonly history: string } | null = null;
  #heartbeat: { readonly stored: number; readonly changedAt: number } | null = null;
  #received: { readonly lsn: Lsn; readonly movedAt: number } | null = null;
  #notStreamingSince: number | null = null;
  #endedCleanly: boolean | null = null;
  #forgotAt = 0;
  /** A promotion is under way, and settings are its own. */
  promoting = false;
  /** The epoch row of its lease is committed. Before that nobody is told how commits wait here: it is decided beside the promotion. */
  epochConfirmed = false;
  /** The last that was seen of it as a primary: where its WAL is at least. */
  #lastPrimary: OwnReign | null = null;

  constructor(cluster: ClusterConfig, watch: ServerWatch) {
    this.#cluster = cluster;
    this.#watch = watch;
  }

  get seen(): WatchedServer {
    return this.#seen;
  }

  get lastPrimary(): OwnReign | null {
    return this.#lastPrimary;
  }

  /** The last answer where it is about the server that runs now. */
  sample(now: number): Known<PostgresSample> {
    const answer = this.#current(now);
    return answer === null ? unknown('PostgreSQL has not answered lately') : answer.look.sample;
  }

  /** One cheap look; true where state or postmaster are others than before. */
  tick(now: number): boolean {
    const before = this.#seen;
    this.#seen = this.#watch.look(now);
    const changed =
      before.state !== this.#seen.state || before.postmaster?.pid !== this.#seen.postmaster?.pid;
    if (changed) this.#endedCleanly = null;
    if (before.postmaster?.startTicks !== this.#seen.postmaster?.startTicks) {
      this.settings.forget(now);
      this.#branch = null;
      this.#notStreamingSince = null;
    }
    return changed;
  }

  /** Whether the control file of a server that ended says "shut down"; to be told once it was read. */
  tellHowItEnded(cleanly: boolean): void {
    this.#endedCleanly = cleanly;
  }

  takeLook(look: PostgresLook, at: number): void {
    // Begun before what was to be forgotten.
    if (at < this.#forgotAt) return;
    this.#answer = { look, at, postmaster: this.#seen.postmaster?.startTicks ?? null };
    if (look.sample.kind === 'unknown') return;
    const { value } = look.sample;
    if (value.timeline.kind === 'known' && value.history.kind === 'known')
      this.#branch = { timeline: value.timeline.value, history: value.history.value };
    if (value.heartbeat.kind === 'known' && value.heartbeat.value.stored !== this.#heartbeat?.stored)
      this.#heartbeat = { stored: value.heartbeat.value.stored, changedAt: at };
    const lsn = value.receiveLsn ?? value.replayLsn;
    if (lsn !== null && lsn !== this.#received?.lsn) this.#received = { lsn, movedAt: at };
    this.#lastPrimary = reignOf(value, this.#cluster) ?? stillOn(value.timeline, this.#lastPrimary);
    const streams = value.receiver?.status === 'streaming';
    this.#notStreamingSince = !value.inRecovery || streams ? null : (this.#notStreamingSince ?? at);
  }

  /** A promotion was proven: what the server said before it says nothing about now. */
  forgetLooks(now: number): void {
    this.#answer = null;
    this.#forgotAt = now;
  }

  /** Its epoch row is committed. */
  promoted(now: number): void {
    this.epochConfirmed = true;
    this.forgetLooks(now);
  }

  /** Processes decide where they are clear; else the last answer does, where it is fresh. */
  role(now: number): Role {
    if (this.#seen.state === 'none') return 'down';
    const answer = this.#current(now);
    if (answer === null) return this.#seen.state === 'recovery' ? 'starting' : 'unknown';
    const { role } = answer.look;
    // A promotion or a restart since the answer: it says nothing about now.
    if (role === 'standby' && this.#seen.state !== 'recovery') return 'unknown';
    if (role === 'primary' && this.#seen.state !== 'writable') return 'unknown';
    return role;
  }

  duty(now: number, silentSince: number | null, cannotWriteSince: number | null): DutyServer {
    const seen = this.#seen;
    const answer = this.#current(now);
    const sample = answer?.look.sample.kind === 'known' ? answer.look.sample.value : null;
    const saysWritable = sample?.inRecovery === false && seen.state === 'between';
    const streams = sample?.receiver?.status === 'streaming' ? sample.receiver.senderHost : null;
    const pointed = this.settings.last?.primaryConninfo;
    return {
      state: saysWritable ? 'writable' : seen.state,
      since: seen.since,
      answersInRecovery: seen.state === 'recovery' && sample?.inRecovery === true,
      // Until the control file was read: it may have been.
      endedCleanly: this.#endedCleanly ?? true,
      silentSince: seen.state === 'writable' ? silentSince : null,
      cannotWriteSince: seen.state === 'writable' ? cannotWriteSince : null,
      streamsFrom: nodeAt(this.#cluster, streams),
      notStreamingSince: this.#notStreamingSince,
      pointsTo: pointed === undefined ? undefined : nodeAt(this.#cluster, conninfoValue(pointed, 'host')),
    };
  }

  candidate(now: number, freeDiskBytes: Known<number>, cannotServe: Known<string | null>): CandidateServer {
    const answer = this.#current(now);
    const sample = this.sample(now);
    const settings = this.settings.fresh(now);
    return {
      role: this.role(now),
      roleReason: answer?.look.roleReason ?? 'PostgreSQL has not answered lately',
      replayPaused: mapKnown(settings, (it) => it.replayPaused),
      applyDelayMs: mapKnown(settings, (it) => it.applyDelayMs),
      freeDiskBytes,
      systemIdentifier: mapKnown(sample, (it) => it.systemIdentifier),
      timeline: flat(sample, (it) => this.#onBranch(it.timeline, (branch) => branch.timeline)),
      historyHash: mapKnown(
        flat(sample, (it) => this.#onBranch(it.history, (branch) => branch.history)),
        historyHash,
      ),
      receiving: mapKnown(sample, (it) => this.#receives(it, now)),
      receiveLsn: flat(sample, (it) => fromNullable(greatest(it.receiveLsn, it.replayLsn))),
      heartbeat: mapKnown(
        flat(sample, (it) => it.heartbeat),
        (it) => it.stored,
      ),
      heartbeatUnchangedMs:
        this.#heartbeat === null
          ? unknown('no heartbeat was read yet')
          : known(Math.max(0, now - this.#heartbeat.changedAt)),
      dataEpoch: sample.kind === 'known' ? sample.value.dataEpoch : null,
      streamsAs: mapKnown(settings, (it) => it.streamsAs),
      cannotServe:
        settings.kind === 'known' && settings.value.defaultReadOnly ? known(READ_ONLY_DEFAULT) : cannotServe,
    };
  }

  report(now: number): ServerReport {
    const sample = this.sample(now);
    const it = sample.kind === 'known' ? sample.value : null;
    const word = it === null || !this.epochConfirmed ? null : synchronousWord(it, this.#cluster);
    return reportFrom(this.role(now), it, word, this.settings.last?.streamsAs ?? null);
  }

  /** The configured nodes that stream from here now. */
  streamingTo(now: number): readonly NodeName[] {
    const sample = this.sample(now);
    if (sample.kind === 'unknown') return [];
    const streaming = sample.value.senders.filter((it) => it.state === 'streaming');
    return streaming.flatMap(
      (it) => nodeAt(this.#cluster, it.clientAddress) ?? nodeAt(this.#cluster, it.applicationName) ?? [],
    );
  }

  /**
   * A standby that lost its receiver just after its primary's promotion cannot tell its timeline: its control file is older. It is still on
   * the branch that this very server received last, unless the history file of a later one has come since.
   */
  #onBranch<T>(
    seen: Known<T>,
    of: (branch: { readonly timeline: TimelineId; readonly history: string }) => T,
  ): Known<T> {
    const [branch, newest] = [this.#branch, this.settings.last?.newestHistory];
    if (seen.kind === 'known' || branch === null || newest === undefined) return seen;
    return newest <= branch.timeline ? known(of(branch)) : seen;
  }

  #receives(sample: PostgresSample, now: number): boolean {
    const moved = this.#received !== null && now - this.#received.movedAt <= QUIET_MS;
    return sample.receiver?.status === 'streaming' && moved;
  }

  /** An answer that is old, or of a server that ran before, says nothing about now. */
  #current(now: number): Answer | null {
    const answer = this.#answer;
    if (answer === null || now - answer.at > FRESH_MS) return null;
    const { postmaster } = this.#seen;
    return postmaster !== null && postmaster.startTicks === answer.postmaster ? answer : null;
  }
}
