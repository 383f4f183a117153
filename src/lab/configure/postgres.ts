/** PostgreSQL's configuration on a lab host, laid out as Debian does: settings in /etc, data in /var/lib. */
import type { PostgresConfig } from '../../config/schema.ts';
import type { Topology } from '../topology.ts';

/** Inside every database host: the folder of the lab that they share. */
export const ARCHIVE_FOLDER = '/var/lib/archive';
/** What people write: a file that is there already is an error, and so is one that is not. */
const ARCHIVING: Readonly<Record<string, string>> = {
  archive_mode: 'on',
  archive_command: quoted(`test ! -f ${ARCHIVE_FOLDER}/%f && cp %p ${ARCHIVE_FOLDER}/%f`),
  restore_command: quoted(`cp ${ARCHIVE_FOLDER}/%f %p`),
};

/** Settings of a replicated pair that pg_rewind can repair; everything durable is left at PostgreSQL's defaults. */
export function postgresqlConf(postgres: PostgresConfig, sync: boolean, archive: boolean): string {
  const folder = configFolder(postgres);
  const settings: Readonly<Record<string, string>> = {
    data_directory: quoted(postgres.dataDirectory),
    hba_file: quoted(`${folder}/pg_hba.conf`),
    ident_file: quoted(`${folder}/pg_ident.conf`),
    external_pid_file: quoted('/var/run/postgresql/15-main.pid'),
    listen_addresses: quoted('*'),
    port: String(postgres.port),
    unix_socket_directories: quoted('/var/run/postgresql'),
    cluster_name: quoted('15/main'),
    max_connections: '100',
    shared_buffers: '32MB',
    wal_log_hints: 'on',
    wal_keep_size: '128MB',
    wal_receiver_status_interval: '1s',
    wal_retrieve_retry_interval: '1s',
    synchronous_standby_names: quoted(sync ? 'FIRST 1 (*)' : ''),
    ...(archive ? ARCHIVING : {}),
    log_line_prefix: quoted('%m [%p] %q%u@%d '),
    log_timezone: quoted('Etc/UTC'),
    timezone: quoted('Etc/UTC'),
  };
  return Object.entries(settings)
    .map(([name, value]) => `${name} = ${value}\n`)
    .join('');
}

/** The folder that holds postgresql.conf, pg_hba.conf and pg_ident.conf. */
export function configFolder(postgres: PostgresConfig): string {
  return postgres.configFile.replace(/\/[^/]*$/, '');
}

/** Debian's rules, then the probe (peer, as root of this machine), then the lab's networks by password. */
export function pgHba(topology: Topology, role: string): string {
  const lines = [
    'local all postgres peer',
    'local all lab_probe peer map=lab',
    'local all all peer',
    'host all all 127.0.0.1/32 scram-sha-256',
    'host all all ::1/128 scram-sha-256',
    'local replication all peer',
    'host replication all 127.0.0.1/32 scram-sha-256',
    ...topology.networks.flatMap((network) => [
      `host all all ${network} scram-sha-256`,
      `host replication ${role} ${network} scram-sha-256`,
    ]),
  ];
  return `${lines.join('\n')}\n`;
}

export const PG_IDENT = 'lab root lab_probe\n';

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
