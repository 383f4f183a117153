/** `primacy pause`: people are at work; until they are done nobody is promoted, handed over to, started or fenced for what they do. */
import type { Command } from 'commander';
import { paths } from '../config/paths.ts';
import { PAUSE_SECONDS } from '../core/lease/pause.ts';
import type { PauseAnswer } from '../node/keeper/pause-lease.ts';
import { durationWithin } from './guarded/duration.ts';
import { configureCommon, prepare, printReport, progressLines, type CommonFlags } from './guarded/options.ts';
import { personAsking, wordsOf } from './guarded/person.ts';

interface PauseFlags extends CommonFlags {
  readonly for: number;
  readonly reason?: string;
}

const HELP = `
Run it on the node that holds the lease. The lease of this primary becomes as long as that, once a majority of the voters has it in
writing. Agents, keepalived, standbys, the witness and the network between them may then be away: no standby is promoted, and this
primary is not stopped. PostgreSQL may be restarted here by hand, with pg_ctl or systemctl: it comes up read-only and is made primary
again at once. A server that people stop stays down, here and on the standbys, until somebody starts it or the pause ends.

A primary that is lost during a pause is replaced by nobody before its end. It ends by itself, by "primacy resume", and with the boot of
this host. A pause that stands can be made longer, not shorter. Each guard still ends a second writable server.

Exit codes:
   0  paused
  10  refused, nothing was changed
  14  no majority of the voters has it in writing yet: it only keeps those who have from being promoted
  64  wrong options

Examples:
  primacy pause --for 30m --reason "kernel update on pg2"
  primacy pause --for 2h --reason "network between the sites" --json`;

/** How long the agent may take: it asks the voters for two seconds. */
const LIMIT_MS = 10_000;

/** Adds the command's options and action. */
export function configure(command: Command): void {
  const { least, most, usual } = PAUSE_SECONDS;
  configureCommon(command)
    .option(
      '--for <duration>',
      `how long at most, such as 30m (default: ${usual / 60}m)`,
      durationWithin(least, most),
      usual,
    )
    .option('--reason <text>', 'what is being done: for journal, alert and colleagues')
    .addHelpText('after', HELP)
    .action((flags: PauseFlags) => pause(flags));
}

async function pause(flags: PauseFlags): Promise<void> {
  const reason = wordsOf(flags.reason, 'pause');
  await prepare(flags, 'pause');
  const { askAgent } = await import('../node/ask-agent.ts');
  const progress = progressLines();
  progress.tell('asking the voters for a long lease');
  const request = { reason, seconds: flags.for, by: personAsking() };
  const answer = await askAgent<PauseAnswer>(paths.agentSocket, 'POST', '/pause', LIMIT_MS, request);
  progress.end();
  printReport({ ...answer, exitCode: exitOf(answer), sentence: sentenceOf(answer) }, flags.json);
}

function exitOf({ code }: PauseAnswer): 0 | 10 | 14 {
  if (code === 'paused') return 0;
  return code === 'suspended' ? 14 : 10;
}

function sentenceOf({ code, reason }: PauseAnswer): string {
  return code === 'paused' ? reason : `cannot pause: ${reason}`;
}
