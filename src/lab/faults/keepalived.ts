/** keepalived restarted, and reloaded with a file that it cannot read. */
import { poweredInit } from '../hosts/enter.ts';
import { onlyCluster, startKeepalived } from '../up/services.ts';
import type { FaultTarget } from './fault.ts';
import { shell } from './shell.ts';

/** SIGTERM, wait for its end, start: what a service manager's restart is. */
export async function restartKeepalived(target: FaultTarget): Promise<void> {
  const script = `
pkill -TERM -x keepalived || { echo "no keepalived runs" >&2; exit 1; }
for try in $(seq 100); do pgrep -x keepalived >/dev/null || exit 0; sleep 0.1; done
echo "keepalived does not end" >&2
exit 1
`;
  await shell(target, script, []);
  await startAgain(target);
}

/** Appends what keepalived refuses, and reloads: it ends itself and leaves the VIP behind (facts.md section 2). */
export async function breakKeepalived(target: FaultTarget): Promise<void> {
  const script = `
cp -p "$1" "$1.whole"
printf '\\nvrrp_instance broken {\\n  interface nosuch0\\n}\\n' >>"$1"
kill -HUP "$(pgrep -o -x keepalived)"
for try in $(seq 100); do pgrep -x keepalived >/dev/null || exit 0; sleep 0.1; done
echo "keepalived goes on" >&2
exit 1
`;
  await shell(target, script, [onlyCluster(target.config).keepalived.configFile]);
}

/** Puts the file back and starts keepalived, unless somebody has. */
export async function mendKeepalived(target: FaultTarget): Promise<void> {
  await shell(target, 'mv "$1.whole" "$1"', [onlyCluster(target.config).keepalived.configFile]);
  await startAgain(target);
}

async function startAgain(target: FaultTarget): Promise<void> {
  await startKeepalived(await poweredInit(target.state.name, target.host.name), target.config);
}
