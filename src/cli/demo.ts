/** `primacy demo`: a real split brain on this machine, found and repaired. */
import type { Command } from 'commander';
import { runDemo } from '../lab/demo.ts';
import { DEFAULT_OPTIONS } from '../lab/up/building.ts';
import { describeAccount, describeStatus } from './lab/describe.ts';
import { printJson, printLine, progressFromNow, requireRoot } from './lab/output.ts';

interface DemoFlags {
  readonly keep?: boolean;
  readonly json?: boolean;
}

/** Adds options and action. */
export function configure(command: Command): void {
  command
    .option('--keep', 'leave the lab "demo" running')
    .option('--json', 'one JSON document')
    .addHelpText('after', '\nExample:\n  primacy demo --keep\n')
    .action(async (flags: DemoFlags) => {
      requireRoot();
      process.exitCode = (await demonstrate(flags)) ? 0 : 1;
    });
}

async function demonstrate(flags: DemoFlags): Promise<boolean> {
  const keep = flags.keep === true;
  const lab = { ...DEFAULT_OPTIONS, name: 'demo' };
  const demo = await runDemo({ lab, keep }, progressFromNow());
  const { report } = demo;
  if (flags.json === true) {
    printJson(report);
    if (demo.why !== null) process.stderr.write(`not healthy: ${demo.why}\n`);
    return report.ok;
  }
  printLine('\nWhat happened, in seconds since pg2 accepted its first write:');
  demo.story.forEach(printLine);
  printLine('\nThe rows that the client was promised:');
  describeAccount(report.account).forEach(printLine);
  printLine('\nThe cluster now:');
  describeStatus(report.status).forEach(printLine);
  printLine(report.ok ? '\nVerified healthy, nothing lost.' : `\nNot healthy: ${demo.why ?? 'unknown'}`);
  printLine(
    keep
      ? `The page: ${demo.lab.page}   (end with "primacy lab down --name demo")`
      : `The page was ${demo.lab.page}; "--keep" leaves it running.`,
  );
  return report.ok;
}
