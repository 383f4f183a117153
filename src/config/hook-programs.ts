/** Hooks that this host could not run: told when the agent starts, and never a reason not to start it. */
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { HOOK_EVENTS } from '../core/model/hook.ts';
import { errorText } from '../core/model/primacy-error.ts';
import { formatPath } from './consistency.ts';
import { whereIs, type ValidConfig } from './load.ts';
import type { ConfigPath } from './position.ts';
import type { ClusterConfig } from './schema.ts';

/** One line for each program that is missing or not executable, with its place in the file, without full stop. */
export async function hookWarnings(config: ValidConfig, cluster: ClusterConfig): Promise<readonly string[]> {
  const lines = HOOK_EVENTS.map(async (event) => {
    const [program] = cluster.hooks[event];
    const obstacle = program === undefined ? null : await obstacleTo(program);
    if (obstacle === null) return [];
    const path: ConfigPath = ['clusters', config.clusters.indexOf(cluster), 'hooks', event, 0];
    return [`${whereIs(config, path)}: ${formatPath(path)}: cannot run ${program}: ${obstacle}`];
  });
  return (await Promise.all(lines)).flat();
}

async function obstacleTo(program: string): Promise<string | null> {
  try {
    if (!(await stat(program)).isFile()) return 'it is not a file';
    await access(program, constants.X_OK);
    return null;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return 'it does not exist';
    return code === 'EACCES' ? 'it is not executable' : errorText(error);
  }
}
