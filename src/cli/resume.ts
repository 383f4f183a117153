/** `primacy resume`: ends a pause before its time. */
import type { Command } from 'commander';
import { paths } from '../config/paths.ts';
import type { PauseAnswer } from '../node/keeper/pause-lease.ts';
import { configureCommon, prepare, printReport, progressLines, type CommonFlags } from './guarded/options.ts';
import { personAsking } from './guarded/person.ts';

const HELP = `
Run it on the node that holds the lease: a long lease is ended by its holder alone, after everything that fences this node reads the
short one. Where that node is lost, its pause ends by its time; a person who is certain that it is dead can overrule it on a standby with
"primacy start --force-primary".

Exit codes:
   0  the pause has ended, or there was none
  10  refused, the pause stands
  20  it ended here, and the voters were not told: they wait until its time
  64  wrong options

Examples:
  primacy resume
  primacy resume --json`;

/** How long the agent may take: it waits up to two seconds for the kernel. */
const LIMIT_MS = 10_000;

/** Adds the command's options and action. */
export function configure(command: Command): void {
  configureCommon(command)
    .addHelpText('after', HELP)
    .action((flags: CommonFlags) => resume(flags));
}

async function resume(flags: CommonFlags): Promise<void> {
  await prepare(flags, 'resume');
  const { askAgent } = await import('../node/ask-agent.ts');
  const progress = progressLines();
  progress.tell('taking the long lease back');
  const request = { by: personAsking() };
  const answer = await askAgent<PauseAnswer>(paths.agentSocket, 'POST', '/resume', LIMIT_MS, request);
  progress.end();
  printReport({ ...answer, exitCode: exitOf(answer), sentence: sentenceOf(answer) }, flags.json);
}

function exitOf({ code }: PauseAnswer): 0 | 10 | 20 {
  if (code === 'resumed' || code === 'not-paused') return 0;
  return code === 'not-told' ? 20 : 10;
}

function sentenceOf(answer: PauseAnswer): string {
  return exitOf(answer) === 0 ? answer.reason : `cannot resume: ${answer.reason}`;
}
