/** What a cluster has beside the ordinary, judged before a node is handed over: what cannot work is refused, what a person should know is said. */
import type { ReplicationSlot } from '../model/replication-slot.ts';

/** How the role `primacy` was let in, as the agent and the copying programs will ask for it. */
export interface Login {
  /** The node asked. */
  readonly to: string;
  readonly address: string;
  readonly way: 'sql' | 'replication';
  readonly answer: 'let-in' | 'rejected' | 'refused' | 'silent';
  /** For people, without full stop. */
  readonly detail: string;
}

export interface AdoptionFacts {
  readonly self: string;
  readonly role: 'primary' | 'standby';
  /** In force, by name. */
  readonly settings: Readonly<Record<string, string>>;
  /** Database nodes beside this one. */
  readonly others: number;
  readonly logins: readonly Login[];
  readonly slots: readonly ReplicationSlot[];
  /** Files in force that lie in the data directory, beside those that a rejoin keeps. */
  readonly includedFiles: readonly string[];
  /** Why a base backup could not take the data directory's place; null = it could. */
  readonly noBackup: string | null;
  /** What speaks against keepalived's configuration, as sentences without full stop. */
  readonly keepalived: readonly string[];
}

export interface AdoptionJudgement {
  /** Each forbids the adoption: a sentence without full stop that says what to change. */
  readonly refusals: readonly string[];
  readonly notices: readonly string[];
}

/** pg_basebackup streams the WAL beside the data. */
const SENDERS_OF_A_BACKUP = 2;

export function judgeAdoptable(facts: AdoptionFacts): AdoptionJudgement {
  return {
    refusals: [...settingRefusals(facts), ...loginRefusals(facts), ...facts.keepalived],
    notices: [...settingNotices(facts), ...loginNotices(facts), ...slotNotices(facts), ...fileNotices(facts)],
  };
}

function settingRefusals({ settings, others }: AdoptionFacts): readonly string[] {
  const refusals: string[] = [];
  if (settings['hot_standby'] === 'off')
    refusals.push(
      'hot_standby is off: as a standby this server could not be looked at; set it to on and restart',
    );
  const senders = Number(settings['max_wal_senders']);
  if (senders < others)
    refusals.push(
      `max_wal_senders is ${senders}: ${others} standbys could not follow this server; raise it and restart`,
    );
  return refusals;
}

function settingNotices({ settings, others, role }: AdoptionFacts): readonly string[] {
  const notices: string[] = [];
  const senders = Number(settings['max_wal_senders']);
  if (senders >= others && senders < others + SENDERS_OF_A_BACKUP)
    notices.push(
      `max_wal_senders is ${senders}: a base backup for a rejoin needs ${SENDERS_OF_A_BACKUP} beside the ${others} of the standbys`,
    );
  if (settings['wal_keep_size'] === '0' && settings['restore_command'] === '')
    notices.push(
      'wal_keep_size is 0 and there is no restore_command: a standby that was away for a while comes back by a base backup',
    );
  if (role === 'standby' && (settings['primary_slot_name'] ?? '') !== '')
    notices.push(
      `this standby streams by slot ${settings['primary_slot_name']}: Primacy's standbys use none, and it is dropped once this one follows without it`,
    );
  return notices;
}

function loginRefusals({ self, logins }: AdoptionFacts): readonly string[] {
  return logins.flatMap(({ to, address, way, answer, detail }) => {
    if (answer === 'rejected')
      return [
        way === 'sql'
          ? `${to} does not let the role in by SQL at ${address}: ${detail}`
          : `${to} does not let the role in for replication at ${address}: ${detail}; its pg_hba.conf needs a line "host replication"`,
      ];
    if (answer === 'refused' && to === self)
      return [`this server does not listen at ${address}: add it to listen_addresses`];
    return [];
  });
}

function loginNotices({ self, logins }: AdoptionFacts): readonly string[] {
  return logins.flatMap(({ to, address, answer, way, detail }) =>
    answer === 'silent' || (answer === 'refused' && to !== self)
      ? [`whether ${to} lets this node in (${way}, ${address}) could not be seen: ${detail}`]
      : [],
  );
}

function slotNotices({ slots }: AdoptionFacts): readonly string[] {
  return slots
    .filter((it) => it.type === 'logical')
    .map(
      (it) =>
        `logical slot ${it.name} does not survive a change of primary: its consumer needs it made again`,
    );
}

function fileNotices({ includedFiles, noBackup }: AdoptionFacts): readonly string[] {
  const notices = includedFiles.map(
    (it) => `${it} lies in the data directory: a rejoin brings the other node's copy of it`,
  );
  return noBackup === null ? notices : [...notices, noBackup];
}
