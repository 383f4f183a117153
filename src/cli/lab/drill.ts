/** `primacy lab drill`: incidents, rehearsed in labs of their own. */
import { InvalidArgumentError, type Command } from 'commander';
import { drills } from '../../lab/drills/catalogue.ts';
import type { DrillReport } from '../../lab/drills/report.ts';
import { AS_WRITTEN, runDrills } from '../../lab/drills/run.ts';
import { drillTable } from './drill-table.ts';
import { printJson, printLine, progressFromNow, requireRoot } from './output.ts';

interface DrillOptions {
  readonly runs: number;
  readonly json?: boolean;
  readonly keep?: boolean;
  readonly evidence?: string;
  readonly repeat?: number;
}

/** Adds arguments, options and action. */
export function configureDrill(command: Command): void {
  const width = Math.max(...[...drills.keys()].map((name) => name.length));
  const list = [...drills].map(([name, drill]) => `  ${name.padEnd(width)} ${drill.summary}`);
  command
    .description('rehearse incidents in labs of their own; exit 1 where one was not found and repaired')
    .argument('<drill...>', 'names, or "all" or "list"')
    .option('--runs <number>', 'how often each', runCount, 1)
    .option('--json', 'one JSON document')
    .option('--keep', 'leave the lab of a run that failed')
    .option('--evidence <folder>', 'copy logs and journals of a run that failed to a folder')
    .option(
      '--repeat <number>',
      'how often a drill repeats what it repeats, such as a change of roles',
      repetitions,
    )
    .addHelpText(
      'after',
      `\nSeveral drills share a lab as long as it stays whole; one drill alone gets a new lab for each run.\n\nDrills:\n${list.join('\n')}\n\nExamples:\n  primacy lab drill dual-primary --runs 3 --json\n  primacy lab drill all\n`,
    )
    .action(async (names: readonly string[], options: DrillOptions) => {
      if (names.join() === 'list') {
        if (options.json === true) printJson({ drills: [...drills.keys()] });
        else list.forEach(printLine);
        return;
      }
      requireRoot();
      process.exitCode = (await rehearse(names, options)) ? 0 : 1;
    });
}

async function rehearse(names: readonly string[], options: DrillOptions): Promise<boolean> {
  const several = names.length > 1 || names[0] === 'all';
  const how = {
    ...AS_WRITTEN,
    keepFailed: options.keep === true,
    evidenceFolder: options.evidence ?? null,
    freshLabs: !several,
    repetitions: options.repeat ?? null,
  };
  const chosen = names.join() === 'all' ? [...drills.keys()] : [...new Set(names)];
  const began = performance.now();
  const reports = await runDrills(chosen, options.runs, progressFromNow(), how);
  const took = Math.round((performance.now() - began) / 100) / 10;
  const ok = reports.every((report) => report.ok);
  if (options.json === true) printJson(several ? { ok, seconds: took, drills: reports } : reports[0]);
  else [...drillTable(reports), '', summaryOf(reports, took)].forEach(printLine);
  return ok;
}

function summaryOf(reports: readonly DrillReport[], seconds: number): string {
  const passed = reports.filter((report) => report.ok).length;
  return `${passed} of ${reports.length} drills passed, in ${(seconds / 60).toFixed(1)} minutes`;
}

function repetitions(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > 100_000)
    throw new InvalidArgumentError('expected 1 to 100000');
  return count;
}

function runCount(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > 100)
    throw new InvalidArgumentError('expected 1 to 100');
  return count;
}
