/** Builds a lab of either kind; ends when all of it was seen to work. */
import { mkdir, stat } from 'node:fs/promises';
import { PrimacyError } from '../../core/model/primacy-error.ts';
import { labProcesses } from '../hosts/processes.ts';
import { labDirectory, writeLabState, type LabState } from '../state.ts';
import { buildArticleLab } from './article-lab.ts';
import type { LabOptions, Progress } from './building.ts';
import { buildProductLab } from './product-lab.ts';

/** Builds the lab and returns its state. Throws where a step fails; what was built until then stays for inspection until `down`. */
export async function labUp(options: LabOptions, progress: Progress): Promise<LabState> {
  if (!options.agent && options.nodes !== 2) {
    throw new PrimacyError(
      'usage',
      `cannot build ${options.nodes} database hosts without an agent: the article's scripts are for a pair`,
    );
  }
  await claimDirectory(options.name);
  const state = options.agent
    ? await buildProductLab({ ...options, agent: true }, progress)
    : await buildArticleLab({ ...options, agent: false }, progress);
  const ready: LabState = { ...state, ready: true };
  await writeLabState(ready);
  return ready;
}

/** Takes the lab's folder, as a lock against a second lab of that name. Throws `locked`. */
async function claimDirectory(name: string): Promise<void> {
  const folder = labDirectory(name);
  await mkdir(folder.replace(/\/[^/]*$/, ''), { recursive: true });
  try {
    await mkdir(folder, { mode: 0o755 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new PrimacyError(
      'locked',
      `cannot start lab ${name}: it is there already, end it with "primacy lab down --name ${name}"`,
    );
  }
  if ((await labProcesses(name)).length > 0) {
    throw new PrimacyError(
      'locked',
      `cannot start lab ${name}: processes of it still run, end them with "primacy lab down --name ${name}"`,
    );
  }
}

/** True where a lab of that name has a folder. */
export async function labExists(name: string): Promise<boolean> {
  try {
    await stat(labDirectory(name));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
