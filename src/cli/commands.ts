/** The list of commands. Each is loaded only when it is called, so that a short call stays short. */
import type { Command } from 'commander';

export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  /** Adds options, arguments and action to the command. */
  readonly load: () => Promise<{ readonly configure: (command: Command) => void }>;
}

export const commands: readonly CommandEntry[] = [
  { name: 'lab', summary: 'a real cluster on this machine, and its faults', load: () => import('./lab.ts') },
];
