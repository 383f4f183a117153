/** Finds the processes of a lab in /proc by the marker in their arguments, so that nothing has to be remembered and nothing can be left behind. */
import { readdir, readFile } from 'node:fs/promises';

/** What every process that the lab itself starts on the machine carries as an argument of its own. */
export function marker(lab: string, part: string): string {
  return `primacy-lab:${lab}:${part}`;
}

export interface LabProcess {
  readonly pid: number;
  /** Host or part named in the marker. */
  readonly part: string;
  /** True for process 1 of a host: what it does not survive, nothing in the host survives. */
  readonly isInit: boolean;
}

/** Every marked process of one lab that lives (zombies have no arguments and are not listed). */
export async function labProcesses(lab: string): Promise<readonly LabProcess[]> {
  const prefix = marker(lab, '');
  const found: LabProcess[] = [];
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const argument = (await readProc(entry, 'cmdline')).split('\0').find((text) => text.startsWith(prefix));
    if (argument === undefined) continue;
    found.push({
      pid: Number(entry),
      part: argument.slice(prefix.length),
      isInit: isInitOfNamespace(await readProc(entry, 'status')),
    });
  }
  return found;
}

/** Pid, as this machine counts, of a host's process 1; null where the host is powered off. */
export async function hostInit(lab: string, host: string): Promise<number | null> {
  const init = (await labProcesses(lab)).find((process) => process.isInit && process.part === host);
  return init?.pid ?? null;
}

/** The line NSpid lists a process's ids from the outermost namespace inwards. */
function isInitOfNamespace(status: string): boolean {
  const ids = /^NSpid:\s+(.*)$/m.exec(status)?.[1]?.split(/\s+/) ?? [];
  return ids.length > 1 && ids.at(-1) === '1';
}

/** A process may end between two reads; then it has no text. */
async function readProc(pid: string, file: string): Promise<string> {
  try {
    return await readFile(`/proc/${pid}/${file}`, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ESRCH') return '';
    throw error;
  }
}
