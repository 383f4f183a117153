/** `primacy lab drill`: one incident, rehearsed on a fresh lab of its own. */
import { InvalidArgumentError, type Command } from 'commander';
import { drills } from '../../lab/drills/catalogue.ts';
import { IN_FULL } from '../../lab/drills/stage.ts';
import { runDrill, type DrillReport } from '../../lab/drills/run.ts';
import { printJson, printLine, progressFromNow, requireRoot } from './output.ts';

interface DrillOptions {
  readonly runs: number;
  readonly json?: boolean;
  readonly keep?: boolean;
  readonly repeat?: number;
}

/** Adds arguments, options and action. */
export function configureDrill(command: Command): void {
  const width = Math.max(...[...drills.keys()].map((name) => name.length));
  const list = [...drills].map(([name, drill]) => `  ${name.padEnd(width)} ${drill.summary}`);
  command
    .description('rehearse an incident on a fresh lab; exit 1 where it was not found and repaired')
    .argument('<drill>', 'a name, "all" or "list"')
    .option('--runs <number>', 'how often', runCount, 1)
    .option('--json', 'one JSON document')
    .option('--keep', 'leave the lab of a run that failed')
    .option(
      '--repeat <number>',
      'how often a drill repeats what it repeats, such as a change of roles',
      repetitions,
    )
    .addHelpText(
      'after',
      `\nDrills:\n${list.join('\n')}\n\nExample:\n  primacy lab drill dual-primary --runs 3 --json\n`,
    )
    .action(async (name: string, options: DrillOptions) => {
      if (name === 'list') {
        if (options.json === true) printJson({ drills: [...drills.keys()] });
        else list.forEach(printLine);
        return;
      }
      requireRoot();
      process.exitCode = (await rehearse(name, options)) ? 0 : 1;
    });
}

async function rehearse(name: string, options: DrillOptions): Promise<boolean> {
  const names = name === 'all' ? [...drills.keys()] : [name];
  const reports: DrillReport[] = [];
  const how = { ...IN_FULL, keepFailed: options.keep === true, repetitions: options.repeat ?? null };
  for (const each of names) reports.push(await runDrill(each, options.runs, progressFromNow(), how));
  const ok = reports.every((report) => report.ok);
  if (options.json === true) printJson(name === 'all' ? { ok, drills: reports } : reports[0]);
  else reports.flatMap(describe).forEach(printLine);
  return ok;
}

function describe(report: DrillReport): readonly string[] {
  return report.runs.map((run, index) => {
    const { detected, repaired, writeOutage, dualPrimary } = run.seconds;
    const figures = [
      `detected ${detected ?? '-'} s, repaired ${repaired ?? '-'} s`,
      `write outage ${writeOutage ?? '-'} s, dual primary ${dualPrimary ?? '-'} s`,
      ...Object.entries(run.counts).map(([name, value]) => `${name} ${value}`),
    ].join(', ');
    return `${report.drill} ${index + 1}: ${run.ok ? `ok, ${figures}` : `failed: ${run.why ?? 'unknown'}`}`;
  });
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
