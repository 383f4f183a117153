/** `primacy reload`: the running agent of this host takes primacy.yml as it is now. */
import type { Command } from 'commander';
import { paths } from '../config/paths.ts';
import type { ReloadAnswer, ReloadState } from '../node/reload.ts';
import { pollUntil, systemClock } from '../world/clock.ts';
import { printReport, progressLines } from './guarded/options.ts';

const HELP = `
The file is checked whole first, with its secrets. A wrong one changes nothing, and what is wrong in it is said. A right one is taken by
the agent that runs: no client notices, and nobody fails over meanwhile. Put the same file on every node, then run this on each, one
after another: while they differ, a lease that is held goes on and nothing new is granted.

Exit codes:
   0  taken, or nothing in it is different
  10  refused, the agent goes on with the old one
  20  taken, but the agent was not heard again
  64  wrong options

Examples:
  primacy reload
  primacy reload --json`;

/** A process reads the file, which takes a few seconds on a busy host. */
const LIMIT_MS = 40_000;
/** An agent that begins again ends in order first. */
const BACK_LIMIT_MS = 30_000;
/** Shorter than a process takes to begin, so that its absence is seen. */
const POLL_MS = 20;
const POLL_LIMIT_MS = 2_000;

/** Adds the command's options and action. */
export function configure(command: Command): void {
  command
    .option('--json', 'the whole report as one JSON document')
    .addHelpText('after', HELP)
    .action((flags: { readonly json?: boolean }) => reload(flags.json));
}

async function reload(json: boolean | undefined): Promise<void> {
  const { askAgent } = await import('../node/ask-agent.ts');
  const progress = progressLines();
  progress.tell('the agent reads the configuration');
  const answer = await askAgent<ReloadAnswer>(paths.agentSocket, 'POST', '/reload', LIMIT_MS);
  progress.tell('the agent begins again');
  const back = answer.code !== 'reloading' || (await untilBack());
  progress.end();
  printReport({ ...answer, ...(back ? reportOf(answer) : NOT_BACK) }, json);
}

/** The socket is gone while no agent listens, and another process answers then: this one's is taken away at once. */
async function untilBack(): Promise<boolean> {
  const { askAgent } = await import('../node/ask-agent.ts');
  let gone = false;
  const heard = await pollUntil(systemClock, BACK_LIMIT_MS, POLL_MS, async () => {
    try {
      const { successful } = await askAgent<ReloadState>(paths.agentSocket, 'GET', '/reload', POLL_LIMIT_MS);
      return (gone && successful) || undefined;
    } catch {
      gone = true;
      return undefined;
    }
  });
  return heard === true;
}

const NOT_BACK = {
  exitCode: 20,
  sentence: 'the new configuration was taken, but the agent was not heard again: see its log',
};

function reportOf({ code, reason }: ReloadAnswer): { readonly exitCode: number; readonly sentence: string } {
  return code === 'refused' || code === 'busy'
    ? { exitCode: 10, sentence: reason }
    : { exitCode: 0, sentence: reason };
}
