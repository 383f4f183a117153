/** Whether the whole host is being stopped or restarted: then nobody comes next on it for a while. */
import type { Command, Runner } from './remote/runner.ts';

const LOOK: Command = { program: 'systemctl', arguments: ['is-system-running'], timeoutMs: 1_000 };

/**
 * True where the service manager says `stopping`: the shutdown is queued or under way (systemctl(1), `is-system-running`). False where it
 * says anything else, or there is none to ask: then a host that goes down looks like a service that is restarted.
 */
export async function hostIsStopping(runner: Runner): Promise<boolean> {
  const { stdout } = await runner.run(LOOK);
  return stdout.trim() === 'stopping';
}
