/** Prints the systemd unit of the agent. */
import { paths } from '../paths.ts';

/**
 * The unit of the agent. `RuntimeDirectory` is not used: systemd would remove the directory, and with it the gate, when
 * the agent stops, and keepalived reads a missing gate as open.
 */
export function systemdUnit(options: {
  readonly nodeProgram: string;
  readonly primacyProgram: string;
}): string {
  return `# Printed by "primacy config systemd". Install as /etc/systemd/system/primacy-agent.service.
[Unit]
Description=Primacy agent: exporter, heartbeat and VIP gate
Documentation=https://prometheus.io/docs/instrumenting/writing_exporters/
Wants=network-online.target
After=network-online.target
# keepalived needs the gate's directory; it starts in FAULT until the agent opens the gate.
Before=keepalived.service

[Service]
Type=exec
ExecStartPre=/usr/bin/mkdir -p -m 0755 ${paths.runDirectory}
ExecStart=${options.nodeProgram} ${options.primacyProgram} agent
Restart=always
RestartSec=1
TimeoutStopSec=10
OOMScoreAdjust=-900

[Install]
WantedBy=multi-user.target
`;
}
