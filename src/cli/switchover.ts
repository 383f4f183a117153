/** `primacy switchover`: changes the roles as planned, without loss, and refuses where it would lose something or keep clients waiting. */
import type { Command } from 'commander';
import { paths } from '../config/paths.ts';
import type { SwitchoverAnswer } from '../node/keeper/switch-over.ts';
import { configureCommon, prepare, printReport, progressLines, type CommonFlags } from './guarded/options.ts';

interface SwitchoverFlags extends CommonFlags {
  readonly to?: string;
}

const HELP = `
Run it on the primary. Its agent writes a checkpoint while clients go on, stops PostgreSQL in order, proves that nothing of it is left,
and gives its lease to the standby, which has all of the WAL then. The old primary follows it afterwards, by itself.

Exit codes:
   0  the standby that was chosen is primary
  10  refused, nothing was changed
  20  failed after something was changed; "primacy status" says how it stands
  64  wrong options

Examples:
  primacy switchover
  primacy switchover --to pg2 --json`;

/** The checkpoint beforehand has the time of a rewind; what follows is bounded by the agent. */
const HAND_OVER_LIMIT_SECONDS = 60;

/** Adds the command's options and action. */
export function configure(command: Command): void {
  configureCommon(command)
    .option('--to <node>', 'which standby becomes primary (default: the one with the most WAL)')
    .addHelpText('after', HELP)
    .action((flags: SwitchoverFlags) => switchover(flags));
}

async function switchover(flags: SwitchoverFlags): Promise<void> {
  const { context } = await prepare(flags, 'switch over');
  const { askAgent } = await import('../node/ask-agent.ts');
  const progress = progressLines();
  progress.tell('writing a checkpoint, then changing the roles');
  const limitMs = (context.cluster.timings.rewindSeconds + HAND_OVER_LIMIT_SECONDS) * 1_000;
  const request = { to: flags.to ?? null };
  const answer = await askAgent<SwitchoverAnswer>(paths.agentSocket, 'POST', '/switchover', limitMs, request);
  progress.end();
  const lost = answer.lostSlots.map((it) => `${it}; make it again on ${answer.successor}`);
  printReport(
    {
      ...answer,
      exitCode: exitOf(answer),
      sentence: [sentenceOf(answer, context.node.name), ...lost].join('\n'),
    },
    flags.json,
  );
}

/** The one that was meant; another one, which a person has to know; nobody. */
function exitOf({ code }: SwitchoverAnswer): 0 | 10 | 20 {
  if (code === 'switched') return 0;
  return code === 'another-took-over' || code === 'taken-back' || code === 'not-taken-over' ? 20 : 10;
}

function sentenceOf({ switched, reason, seconds }: SwitchoverAnswer, node: string): string {
  if (!switched) return `cannot switch over: ${reason}`;
  return `${reason}, ${(seconds?.handOver ?? 0).toFixed(2)} s after ${node} was asked to stop`;
}
