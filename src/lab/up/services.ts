/** Starts the programs of a lab host the way an init would: one function per program, each returns when the program was started. */
import { join } from 'node:path';
import { PrimacyError } from '../../core/model/primacy-error.ts';
import { paths } from '../../config/paths.ts';
import type { Config } from '../../config/schema.ts';
import { startPostgres } from '../../world/postgres/service.ts';
import { describeResult } from '../../world/remote/runner.ts';
import { serviceRunner, startDaemon } from '../hosts/enter.ts';
import { EXECUTABLE } from '../hosts/prepare.ts';

const FUSE_SUPERVISOR = 'fuse-supervisor';

/** The lab's one cluster. */
export function onlyCluster(config: Config): Config['clusters'][number] {
  const [cluster] = config.clusters;
  if (cluster === undefined)
    throw new PrimacyError('config-invalid', 'cannot read the lab: it has no cluster');
  return cluster;
}

/** `pg_ctl start`, blind: no question is asked about the rest of the cluster. Throws `command-failed`. */
export async function startDatabase(init: number, host: string, config: Config): Promise<void> {
  const { postgres, timings } = onlyCluster(config);
  const result = await startPostgres(await serviceRunner(init), postgres, timings.startSeconds);
  if (result.kind === 'done') return;
  const command = { program: 'pg_ctl', arguments: ['start'], timeoutMs: 0 };
  throw new PrimacyError(
    'command-failed',
    `cannot start PostgreSQL on ${host}: ${describeResult(command, result)}`,
  );
}

/** sshd with the lab's own configuration. */
export function startSshd(init: number): Promise<void> {
  return startDaemon(init, {
    name: 'sshd',
    program: '/usr/sbin/sshd',
    arguments: ['-D', '-e', '-f', '/etc/ssh/sshd_config'],
  });
}

/** keepalived in the foreground of its session, VRRP only. */
export function startKeepalived(init: number, config: Config): Promise<void> {
  const { configFile } = onlyCluster(config).keepalived;
  return startDaemon(init, {
    name: 'keepalived',
    program: '/usr/sbin/keepalived',
    arguments: [
      '-n',
      '-l',
      '-D',
      '-G',
      '-P',
      '-f',
      configFile,
      '-p',
      '/run/keepalived.pid',
      '-r',
      '/run/keepalived-vrrp.pid',
    ],
  });
}

/** The agent. */
export function startAgent(init: number): Promise<void> {
  return startDaemon(init, {
    name: 'primacy-agent',
    program: process.execPath,
    arguments: [EXECUTABLE, 'agent'],
  });
}

/** The fuse under its supervisor, as `primacy adopt` put them there. */
export function startFuse(init: number): Promise<void> {
  return startDaemon(init, {
    name: 'primacy-fuse',
    program: '/bin/sh',
    arguments: [join(paths.guardDirectory, FUSE_SUPERVISOR)],
  });
}

/** The responder. */
export function startResponder(init: number): Promise<void> {
  return startDaemon(init, {
    name: 'primacy-responder',
    program: process.execPath,
    arguments: [EXECUTABLE, 'responder'],
  });
}

/** Prometheus; `externalUrl` is what its links say. */
export function startPrometheus(init: number, externalUrl: string): Promise<void> {
  return startDaemon(init, {
    name: 'prometheus',
    program: '/usr/bin/prometheus',
    arguments: [
      '--config.file=/etc/prometheus/prometheus.yml',
      '--storage.tsdb.path=/var/lib/prometheus/data',
      '--web.listen-address=0.0.0.0:9090',
      `--web.external-url=${externalUrl}`,
      '--web.route-prefix=/',
    ],
  });
}

/** Alertmanager, alone. */
export function startAlertmanager(init: number, externalUrl: string): Promise<void> {
  return startDaemon(init, {
    name: 'alertmanager',
    program: '/usr/bin/prometheus-alertmanager',
    arguments: [
      '--config.file=/etc/prometheus/alertmanager.yml',
      '--storage.path=/var/lib/prometheus/alertmanager',
      '--web.listen-address=0.0.0.0:9093',
      '--cluster.listen-address=',
      `--web.external-url=${externalUrl}`,
      '--web.route-prefix=/',
    ],
  });
}
