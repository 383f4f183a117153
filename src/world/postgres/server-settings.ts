/** Reads and changes the settings of postgresql.auto.conf: by ALTER SYSTEM where the server answers, by the file where it is stopped. */
import type { PostgresConfig } from '../../config/schema.ts';
import { PrimacyError } from '../../core/model/primacy-error.ts';
import { describeResult, type Command, type Runner } from '../remote/runner.ts';
import { runPsql } from './psql.ts';
import { replaceSettings, type Settings } from './recovery-settings.ts';
import { quoteLiteral } from './setup-statements.ts';

export interface SettingLook {
  readonly name: string;
  /** In force. */
  readonly value: string;
  /** The line in postgresql.auto.conf; null where there is none. */
  readonly pinned: string | null;
  /** The last line in any other file; null where there is none. */
  readonly configured: string | null;
}

const FILE_LIMIT_MS = 10_000;
/** A later server does not start with a setting that it does not know. */
const TRIGGER_FILE_LAST_VERSION = 15;

/** Those of the names that this server knows. */
export async function readSettings(
  runner: Runner,
  postgres: PostgresConfig,
  names: readonly string[],
): Promise<readonly SettingLook[]> {
  const list = names.map(quoteLiteral).join(', ');
  const query = `select coalesce(json_agg(json_build_object('name', s.name, 'value', s.setting,
    'pinned', (select f.setting from pg_file_settings f where f.name = s.name
      and f.sourcefile like '%/postgresql.auto.conf' order by seqno desc limit 1),
    'configured', (select f.setting from pg_file_settings f where f.name = s.name
      and f.sourcefile not like '%/postgresql.auto.conf' order by seqno desc limit 1))), '[]')
    from pg_settings s where s.name in (${list})`;
  const text = await runPsql(runner, postgres, 'postgres', query);
  try {
    return JSON.parse(text) as readonly SettingLook[];
  } catch (error) {
    throw new PrimacyError('output-invalid', `cannot read settings of the server: ${text.slice(0, 200)}`, {
      cause: error,
    });
  }
}

/**
 * Sets those that differ and removes those that are null, with one psql, and makes the server read its files again where
 * anything changed. Names that it does not know are left out.
 */
export async function alterSettings(
  runner: Runner,
  postgres: PostgresConfig,
  changes: Readonly<Record<string, string | null>>,
): Promise<void> {
  const rows = Object.entries(changes).map(
    ([name, value]) => `(${quoteLiteral(name)}, ${value === null ? 'null' : quoteLiteral(value)})`,
  );
  if (rows.length === 0) return;
  const statements = `
select case when w.value is null then format('alter system reset %I', w.name)
    else format('alter system set %I = %L', w.name, w.value) end
  from (values ${rows.join(', ')}) w (name, value)
  join pg_settings s on s.name = w.name
  left join lateral (select f.setting from pg_file_settings f where f.name = w.name
    and f.sourcefile like '%/postgresql.auto.conf' order by seqno desc limit 1) f on true
  where f.setting is distinct from w.value
\\gexec
select pg_reload_conf();
`;
  await runPsql(runner, postgres, 'postgres', statements);
}

/** The same on a stopped server. Its own programs know nothing of it, so a child of the server's user writes the file. */
export async function editSettings(
  runner: Runner,
  postgres: PostgresConfig,
  changes: Readonly<Record<string, string | null>>,
): Promise<void> {
  const read = await inDataDirectory(runner, postgres, 'cat PG_VERSION postgresql.auto.conf');
  const [version = '', ...lines] = read.split('\n');
  const set: Record<string, string> = {};
  for (const [name, value] of Object.entries(changes))
    if (value !== null && !(name === 'promote_trigger_file' && Number(version) > TRIGGER_FILE_LAST_VERSION))
      set[name] = value;
  const removed = Object.keys(changes).filter((name) => changes[name] === null);
  const text = replaceSettings(withoutSettings(lines.join('\n'), removed), set);
  const write =
    'umask 077; cat >.primacy-auto.conf && sync .primacy-auto.conf && mv -f .primacy-auto.conf postgresql.auto.conf && sync .';
  await inDataDirectory(runner, postgres, write, text);
}

/** The text of postgresql.auto.conf, whether the server runs or not. */
export function readAutoConf(runner: Runner, postgres: PostgresConfig): Promise<string> {
  return inDataDirectory(runner, postgres, 'cat postgresql.auto.conf');
}

/** Puts `standby.signal` into the data directory or removes it, durably. Does nothing where it is so already. */
export async function setStandbySignal(
  runner: Runner,
  postgres: PostgresConfig,
  present: boolean,
): Promise<void> {
  const script = present
    ? '[ -e standby.signal ] || { : >standby.signal && sync standby.signal .; }'
    : '[ ! -e standby.signal ] || { rm standby.signal && sync .; }';
  await inDataDirectory(runner, postgres, script);
}

/** Runs a script in the data directory as the server's user: a hung disk hangs a child with a limit, never us. */
async function inDataDirectory(
  runner: Runner,
  postgres: PostgresConfig,
  script: string,
  input?: string,
): Promise<string> {
  const command: Command = {
    program: 'sh',
    arguments: ['-c', `cd "$1" || exit 1; ${script}`, 'sh', postgres.dataDirectory],
    user: postgres.user,
    timeoutMs: FILE_LIMIT_MS,
    ...(input === undefined ? {} : { input }),
  };
  const result = await runner.run(command);
  if (result.kind !== 'done')
    throw new PrimacyError(
      'command-failed',
      `cannot change ${postgres.dataDirectory}: ${describeResult(command, result)}`,
    );
  return result.stdout;
}

function withoutSettings(text: string, names: readonly string[]): string {
  const settings: Settings = Object.fromEntries(names.map((name) => [name, '']));
  // Replaced by an empty value at the end of the text, and cut off there.
  const lines = replaceSettings(text, settings).trimEnd().split('\n');
  return names.length === 0 ? text : `${lines.slice(0, lines.length - names.length).join('\n')}\n`;
}
