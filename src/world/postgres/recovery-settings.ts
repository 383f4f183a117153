/** The settings that make a server follow the survivor and nobody else, as text of postgresql.auto.conf. */

/** Settings by name; the text is unquoted. */
export type Settings = Readonly<Record<string, string>>;

/** Leftovers of these would promote the node by itself or stop its recovery early (facts.md section 10). */
const PINNED: Settings = {
  recovery_target: '',
  recovery_target_name: '',
  recovery_target_time: '',
  recovery_target_xid: '',
  recovery_target_lsn: '',
  recovery_target_timeline: 'latest',
  promote_trigger_file: '',
  primary_slot_name: '',
};

export interface ConnectionParameters {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** File in the format of libpq's password file: the password itself stands in no setting that others can read. */
  readonly passfile: string;
  readonly application_name: string;
}

/** A libpq connection string (PostgreSQL manual, section 34.1.1): every value quoted. */
export function connectionString(parameters: Readonly<Record<string, string | number>>): string {
  return Object.entries(parameters)
    .map(([name, value]) => `${name}='${String(value).replaceAll(/[\\']/g, String.raw`\$&`)}'`)
    .join(' ');
}

/** What a standby of the survivor has in its postgresql.auto.conf. */
export function standbySettings(parameters: ConnectionParameters): Settings {
  return { ...PINNED, primary_conninfo: connectionString({ ...parameters }) };
}

/** The file's text with these settings replaced; all other lines stay, because they are this node's own. */
export function replaceSettings(text: string, settings: Settings): string {
  const kept = text.split('\n').filter((line) => {
    const name = /^\s*([A-Za-z_][A-Za-z0-9_.]*)\s*[= ]/.exec(line)?.[1]?.toLowerCase();
    return line.trim() !== '' && (name === undefined || !(name in settings));
  });
  const added = Object.entries(settings).map(
    ([name, value]) => `${name} = '${value.replaceAll("'", "''").replaceAll('\\', '\\\\')}'`,
  );
  return `${[...kept, ...added].join('\n')}\n`;
}

/** A line of libpq's password file that fits any server (section 34.16). */
export function passwordFileLine(role: string, password: string): string {
  return `*:*:*:${escapeField(role)}:${escapeField(password)}\n`;
}

function escapeField(value: string): string {
  return value.replaceAll(/[\\:]/g, String.raw`\$&`);
}

/** How the folder of an isolated server's socket begins: by it anybody can tell such a server from the node's own. */
export const ISOLATED_PREFIX = 'isolated-';

/** Alone, read-only, unreachable by network, on its own timeline: the settings of an isolated recovery (facts.md section 6). */
export function isolatedSettings(timeline: number, socketDirectory: string): Settings {
  return {
    ...PINNED,
    recovery_target_timeline: String(timeline),
    listen_addresses: '',
    unix_socket_directories: socketDirectory,
    primary_conninfo: '',
    restore_command: '',
    archive_mode: 'off',
    archive_cleanup_command: '',
    recovery_min_apply_delay: '0',
    hot_standby: 'on',
    // A restartpoint must not remove WAL that has not been counted, kept or rewound over yet.
    wal_keep_size: '1TB',
  };
}
