/** Prints the systemd unit of the agent, and holds the options that every way of starting it must use. */
import { paths } from '../paths.ts';

/**
 * Node's options for the agent; every way of starting it uses them. The heap limit is twice what it uses, so that reaching
 * it means a leak, and ends the process for its supervisor to restart. Without the optimising compilers and with one
 * helper thread it stays near 75 MB resident instead of 95 (measured, 3,000 scrapes), for less than a millisecond more CPU
 * per scrape. In a checkout the first start with new options or sources also pays for the TypeScript stripper, about
 * 25 MB for the life of that process; the next start finds the compile cache.
 */
export const AGENT_NODE_OPTIONS: readonly string[] = [
  '--max-semi-space-size=1',
  '--max-old-space-size=48',
  '--no-opt',
  '--no-maglev',
  '--no-sparkplug',
  '--v8-pool-size=1',
];

/** One arena for the C library's allocator, which gives freed memory back: the agent's threads only read small files. */
export const AGENT_ENVIRONMENT: Readonly<Record<string, string>> = {
  MALLOC_ARENA_MAX: '1',
  MALLOC_TRIM_THRESHOLD_: '131072',
};

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
ExecStart=${options.nodeProgram} ${AGENT_NODE_OPTIONS.join(' ')} ${options.primacyProgram} agent
Restart=always
RestartSec=1
TimeoutStopSec=10
OOMScoreAdjust=-900

[Install]
WantedBy=multi-user.target
`;
}
