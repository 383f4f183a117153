/** Takes away what keeps a node from writing without the lease, as hands that mean well do. */
import { paths } from '../../config/paths.ts';
import { poweredInit, runInside } from '../hosts/enter.ts';
import { PRIMACY_COMMAND } from '../hosts/prepare.ts';
import { onlyCluster, startAgent, startFuse } from '../up/services.ts';
import { adoptNode } from '../up/adopt.ts';
import type { FaultTarget } from './fault.ts';
import { shell } from './shell.ts';
import { signalAgent, signalFuse } from './signals.ts';

const LIMIT_MS = 60_000;

/** The guard inside PostgreSQL alone: agent, fuse and dead-man script go on. */
export async function removeGuard(target: FaultTarget): Promise<void> {
  // The server takes the setting a moment after it was told to, and the agent may just be putting it back.
  await shell(
    target,
    `for try in $(seq 50); do
    runuser -u postgres -- psql -XAtqc "alter system set recovery_end_command = ''" -c 'select pg_reload_conf()' >/dev/null
    sleep 0.05
    [ -z "$(runuser -u postgres -- psql -XAtqc 'show recovery_end_command')" ] && exit 0
done
exit 1`,
    [],
  );
}

/** Everything: agent and fuse are killed, and \`primacy unadopt\` leaves an ordinary standby. */
export async function unguard(target: FaultTarget): Promise<void> {
  await signalAgent(target, 'KILL');
  await signalFuse(target, 'KILL');
  const init = await poweredInit(target.state.name, target.host.name);
  await runInside(init, { program: PRIMACY_COMMAND, arguments: ['unadopt'], timeoutMs: LIMIT_MS });
  await shell(target, '[ ! -e "$1" ]', [paths.adoption]);
}

/** Starts the agent again and hands the node over again. */
export async function guardAgain(target: FaultTarget): Promise<void> {
  await startAgent(await poweredInit(target.state.name, target.host.name));
  // Adoption asks the agent whether it runs.
  await shell(
    target,
    'for try in $(seq 150); do curl -sf -m 1 -o /dev/null "http://127.0.0.1:$1/-/ready" && exit 0; sleep 0.1; done; exit 1',
    [String(onlyCluster(target.config).agent.port)],
  );
  await adoptNode(target.state.name, target.host);
  await startFuseAgain(target);
}

/** Adoption is idempotent: what was taken out is put back. */
export async function putGuardBack(target: FaultTarget): Promise<void> {
  await adoptNode(target.state.name, target.host);
}

/** The fuse alone. */
export async function startFuseAgain(target: FaultTarget): Promise<void> {
  await startFuse(await poweredInit(target.state.name, target.host.name));
}
