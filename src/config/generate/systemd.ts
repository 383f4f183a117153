/** Prints the systemd units: agent, fuse, and the drop-in by which systemd starts PostgreSQL only through Primacy. */
import { join } from 'node:path';
import { paths } from '../paths.ts';
import type { ClusterConfig } from '../schema.ts';

export interface ProgramPaths {
  readonly nodeProgram: string;
  readonly primacyProgram: string;
}

/**
 * The unit of the agent.
 * - `RuntimeDirectory` is not used: systemd would remove the directory, and with it the gate, when the agent stops, and keepalived
 *   reads a missing gate as open.
 * - `KillMode=process`: a server that the agent started lives in its control group and must not end with it.
 * - no start limit: an agent that ends again and again still comes back a tenth of a second later.
 */
export function systemdUnit({ nodeProgram, primacyProgram }: ProgramPaths): string {
  return `# Printed by "primacy config systemd". Install as /etc/systemd/system/primacy-agent.service.
[Unit]
Description=Primacy agent: lease, exporter, heartbeat and VIP gate
Documentation=https://prometheus.io/docs/instrumenting/writing_exporters/
Wants=network-online.target
After=network-online.target
# keepalived needs the gate's directory; it starts in FAULT until the agent opens the gate.
Before=keepalived.service
StartLimitIntervalSec=0

[Service]
Type=exec
ExecStartPre=/usr/bin/mkdir -p -m 0755 ${paths.runDirectory}
ExecStart=${nodeProgram} ${primacyProgram} agent
# "systemctl reload": a wrong configuration changes nothing, and the log says why.
ExecReload=/bin/kill -HUP $MAINPID
Restart=always
RestartSec=100ms
KillMode=process
TimeoutStopSec=10
OOMScoreAdjust=-900

[Install]
WantedBy=multi-user.target
`;
}

/** The unit of the fuse, independent of the agent's: neither stops with the other. */
export function fuseUnit(): string {
  const supervisor = join(paths.guardDirectory, 'fuse-supervisor');
  return `# Printed by "primacy config systemd --unit fuse". Install as /etc/systemd/system/primacy-fuse.service.
[Unit]
Description=Primacy fuse: fences what has no lease, whatever the agent does
ConditionPathExists=${supervisor}
StartLimitIntervalSec=0

[Service]
Type=exec
ExecStart=${supervisor}
Restart=always
RestartSec=100ms
OOMScoreAdjust=-1000

[Install]
WantedBy=multi-user.target
`;
}

/**
 * The drop-in for Debian's unit of one cluster: systemd, too, starts and stops the server only by `primacy start` and
 * `primacy stop`. A refusal is a failed start with its sentence in the journal, and is not tried again by systemd.
 */
export function postgresqlDropIn(
  cluster: ClusterConfig,
  { nodeProgram, primacyProgram }: ProgramPaths,
): string {
  const instance = instanceOf(cluster.postgres.dataDirectory);
  return `# Printed by "primacy config systemd --unit postgresql".
# Install as /etc/systemd/system/postgresql@${instance}.service.d/primacy.conf.
[Unit]
Wants=primacy-agent.service primacy-fuse.service
After=primacy-agent.service

[Service]
ExecStart=
ExecStart=${nodeProgram} ${primacyProgram} start
ExecStop=
ExecStop=${nodeProgram} ${primacyProgram} stop
# It runs, as a standby, because who may be primary could not be settled: the agent goes on from there.
SuccessExitStatus=14
TimeoutSec=infinity
Restart=no
`;
}

/** `15-main` for /var/lib/postgresql/15/main. Elsewhere a person has to know the name of the unit. */
function instanceOf(dataDirectory: string): string {
  const debian = /^\/var\/lib\/postgresql\/([^/]+)\/([^/]+)\/?$/.exec(dataDirectory);
  return debian === null ? 'VERSION-CLUSTER' : `${debian[1]}-${debian[2]}`;
}
