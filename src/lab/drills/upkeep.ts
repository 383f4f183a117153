/** What a person does to a running lab's agents: restarts them as systemd does, gives all hosts another primacy.yml, and has agents take it. */
import { join } from 'node:path';
import { loadConfig } from '../../config/load.ts';
import type { ClusterConfig, Config } from '../../config/schema.ts';
import { configText } from '../../config/write.ts';
import { poweredInit, runInside } from '../hosts/enter.ts';
import { writeHostFiles } from '../hosts/files.ts';
import { hostDirectory } from '../state.ts';
import { topologyOf } from '../topology.ts';
import { onlyCluster, startAgent } from '../up/services.ts';

const CONFIGURATION = '/etc/primacy/primacy.yml';
const LIMIT_MS = 90_000;
/** Ends with the agent; half a minute is longer than any of its limits for what is under way. */
const STOP = `pid=$(cat /run/primacy/agent.pid) && kill -s TERM "$pid" || exit 1
for _ in $(seq 300); do [ -e "/proc/$pid" ] || exit 0; sleep 0.1; done; exit 1`;
const READY = `for _ in $(seq 200); do curl --fail --silent --max-time 1 http://127.0.0.1:10187/-/ready >/dev/null && exit 0; sleep 0.1; done; exit 1`;

/** Ends the agent in order. Throws `command-failed` where it does not end. */
export async function stopAgent(lab: string, host: string): Promise<void> {
  await shell(lab, host, STOP);
}

/** Starts it, and waits until it is ready. */
export async function startAgentAgain(lab: string, host: string): Promise<void> {
  await startAgent(await poweredInit(lab, host));
  await shell(lab, host, READY);
}

export async function restartAgent(lab: string, host: string): Promise<void> {
  await stopAgent(lab, host);
  await startAgentAgain(lab, host);
}

/** Has the running agent take the primacy.yml of its host. Throws `command-failed` where it is refused, or the agent is not heard again. */
export async function reloadAgent(lab: string, host: string): Promise<void> {
  await shell(lab, host, `primacy reload && ${READY}`);
}

/** The lab's configuration as its hosts have it now. */
export function labConfiguration(lab: string): Promise<Config> {
  return loadConfig(join(hostDirectory(lab, 'mon'), CONFIGURATION));
}

/** Writes it, with another cluster in it, on every host. No program is told. */
export async function changeCluster(
  lab: string,
  nodes: number,
  config: Config,
  change: (cluster: ClusterConfig) => ClusterConfig,
): Promise<void> {
  const content = configText({ ...config, clusters: [change(onlyCluster(config))] });
  for (const host of topologyOf(lab, nodes).hosts)
    await writeHostFiles(lab, host.name, [{ path: CONFIGURATION, content }]);
}

/** A shell line that has to succeed, inside a host. */
export async function shell(lab: string, host: string, line: string): Promise<string> {
  return runInside(await poweredInit(lab, host), {
    program: 'sh',
    arguments: ['-c', line],
    timeoutMs: LIMIT_MS,
  });
}
