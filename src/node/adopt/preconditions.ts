/** What must hold before a node is handed over: each refusal says what to do. */
import { readAgent } from '../agent-pid-file.ts';
import type { SystemIdentifier } from '../../core/model/names.ts';
import { PrimacyError } from '../../core/model/primacy-error.ts';
import { runPsql } from '../../world/postgres/psql.ts';
import type { SettingLook } from '../../world/postgres/server-settings.ts';
import type { GuardContext } from './guard-context.ts';

export interface AdoptableServer {
  readonly role: 'primary' | 'standby';
  readonly systemIdentifier: SystemIdentifier;
}

export function refusal(context: GuardContext, what: string, reason: string): PrimacyError {
  return new PrimacyError('refused', `cannot ${what} ${context.node.name}: ${reason}`);
}

/** Throws `missing-prerequisite` for anybody else. */
export function requireRoot(what: string): void {
  if (process.getuid?.() !== 0)
    throw new PrimacyError('missing-prerequisite', `cannot ${what}: run it as root`);
}

/** Whether this node's agent is seen to run; unknown is no. */
export function agentRuns({ paths }: GuardContext): boolean {
  const agent = readAgent(paths.agentPidFile);
  return agent.kind === 'known' && agent.value?.running === true;
}

/** The node and its server, as adoption needs them. Throws `refused`. */
export async function requireAdoptable(context: GuardContext): Promise<AdoptableServer> {
  const { node, cluster, paths } = context;
  const refuse = (reason: string): PrimacyError => refusal(context, 'adopt', reason);
  if (node.kind !== 'database') throw refuse('a witness has nothing to adopt, its vote needs only the agent');
  if (cluster.systemIdentifier === null)
    throw refuse('primacy.yml has no systemIdentifier; "primacy setup" prints it');
  const agent = readAgent(paths.agentPidFile);
  if (agent.kind === 'unknown') throw refuse(agent.reason);
  if (agent.value?.running !== true) throw refuse('the agent does not run on this node');
  const server = await lookAtServer(context);
  if (server.systemIdentifier !== cluster.systemIdentifier)
    throw refuse(
      `primacy.yml expects system identifier ${cluster.systemIdentifier}, this server has ${server.systemIdentifier}`,
    );
  if (server.inRecovery && !server.streaming)
    throw refuse('this server is in recovery and does not stream from a primary');
  return {
    role: server.inRecovery ? 'standby' : 'primary',
    systemIdentifier: server.systemIdentifier,
  };
}

/** The settings in force hold their pinned values; null, else which one does not. A list or a command line option may overrule them. */
export function firstUnpinned(
  looks: readonly SettingLook[],
  pins: Readonly<Record<string, string>>,
  role: AdoptableServer['role'],
): string | null {
  const wrong = looks.find(({ name, value }) => {
    const wanted = pins[name];
    // A primary uses its recovery targets at the next start only, and the pins count by then.
    if (wanted === undefined || (role === 'primary' && name.startsWith('recovery_target'))) return false;
    return normal(value) !== normal(wanted);
  });
  return wrong === undefined ? null : wrong.name;
}

/** pg_settings shows durations in the setting's own unit. */
function normal(value: string): string {
  return value.replace(/^(\d+)ms$/, '$1');
}

interface ServerLook {
  readonly inRecovery: boolean;
  readonly streaming: boolean;
  readonly systemIdentifier: SystemIdentifier;
}

async function lookAtServer({ runner, cluster }: GuardContext): Promise<ServerLook> {
  const query = `select pg_is_in_recovery(), exists (select from pg_stat_wal_receiver where status = 'streaming'),
    system_identifier from pg_control_system()`;
  const [recovery, streaming, identifier = ''] = (await runPsql(runner, cluster.postgres, 'postgres', query))
    .trim()
    .split('|');
  return {
    inRecovery: recovery === 't',
    streaming: streaming === 't',
    systemIdentifier: identifier as SystemIdentifier,
  };
}
