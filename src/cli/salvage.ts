/** `primacy salvage`: what a discarded history held, and how it is put back. */
import { userInfo } from 'node:os';
import type { Command } from 'commander';
import { paths } from '../config/paths.ts';
import { PrimacyError } from '../core/model/primacy-error.ts';
import { prepare, progressLines, type CommonFlags } from './guarded/options.ts';
import { printLines } from './ask/print.ts';
import type { AcknowledgeFlags } from './salvage/acknowledge.ts';
import type { PlaceFlags } from './salvage/places.ts';
import type { RowFlags } from './salvage/show.ts';
import type { ReplayReport, ReplayTarget } from '../node/salvage/replay-bundle.ts';

const EXAMPLES = `
Run it as root on the node that kept the bundle. A bundle is named as "list" shows it, or by the path of its folder.

Examples:
  primacy salvage list
  primacy salvage show join-1763760000000
  primacy salvage rows join-1763760000000 --table public.orders --json
  primacy salvage replay join-1763760000000 --dry-run
  primacy salvage replay join-1763760000000 --into "host=10.0.0.11 user=postgres"
  primacy salvage acknowledge join-1763760000000 --reason "orders were sent again"`;

const ACKNOWLEDGE_HELP = `
Says that nobody will put these rows back: they are not wanted, or were repaired by hand. The alert SalvageWaiting ends for this bundle.
The bundle stays as it is until somebody removes its folder, and can still be put back. Said once more, the first word stands.

Exit codes:
   0  acknowledged, now or before
   1  failed, or nothing waits in it
  64  wrong options, or there is no such bundle

Example:
  primacy salvage acknowledge join-1763760000000 --reason "the shop sent these orders again, ticket 4711"`;

const REPLAY_HELP = `
Without --into the rows go to the node that accepts writes now: by its socket where that is this node, else by network as the server's
superuser, with the password from PGPASSWORD or ~/.pgpass. Where that login is not allowed, copy the bundle's folder to the primary and
give its path there.

Each database is one transaction. A row that conflicts with what is there now is skipped and listed. A second replay changes nothing.

Exit codes:
   0  every row is in the database
   1  failed, or rows conflict: they are listed
  64  wrong options

Example:
  primacy salvage replay join-1763760000000 --dry-run`;

/** Longer than any replay that a person would wait for. */
const REPLAY_LIMIT_MS = 6 * 3_600_000;

type ReplayFlags = PlaceFlags & CommonFlags & { readonly dryRun?: true; readonly into?: string };

export function configure(command: Command): void {
  command.addHelpText('after', EXAMPLES);
  const common = (child: Command): Command =>
    child
      .option('--json', 'one JSON document on standard output')
      .option('--name <lab>', 'the bundles of all hosts of this lab');
  common(command.command('list').description('all bundles of this node')).action(async (flags: PlaceFlags) =>
    (await import('./salvage/show.ts')).list(flags),
  );
  common(command.command('show <bundle>').description('what was lost, what is kept, what is not')).action(
    async (bundle: string, flags: PlaceFlags) => (await import('./salvage/show.ts')).show(bundle, flags),
  );
  common(command.command('rows <bundle>').description('the rows, each once, before and after'))
    .option('--database <name>', 'only of this database')
    .option('--table <schema.table>', 'only of this table')
    .action(async (bundle: string, flags: RowFlags) =>
      (await import('./salvage/show.ts')).rows(bundle, flags),
    );
  common(command.command('replay <bundle>').description('puts the rows into the primary'))
    .option('--dry-run', 'does everything and takes it back, to see what would happen')
    .option('--into <conninfo>', 'libpq keywords without dbname')
    .option('--config <file>', 'configuration file', paths.config)
    .option('--node <name>', 'name of this node in it (default: host name, else local address)')
    .addHelpText('after', REPLAY_HELP)
    .action(replay);
  common(command.command('acknowledge <bundle>').description('says that nobody will put it back'))
    .option('--reason <text>', 'why: for the next one who looks')
    .addHelpText('after', ACKNOWLEDGE_HELP)
    .action(async (bundle: string, flags: AcknowledgeFlags) =>
      (await import('./salvage/acknowledge.ts')).acknowledge(bundle, flags),
    );
}

async function replay(wanted: string, flags: ReplayFlags): Promise<void> {
  const { findBundle } = await import('./salvage/places.ts');
  const { replayBundle } = await import('../node/salvage/replay-bundle.ts');
  const bundle = await findBundle(wanted, flags);
  const progress = progressLines();
  progress.tell(`replaying ${bundle.name}`);
  try {
    const report = await replayBundle(bundle, await targetOf(flags), {
      dryRun: flags.dryRun === true,
      by: process.env['SUDO_USER'] ?? userInfo().username,
      at: new Date(),
      timeoutMs: REPLAY_LIMIT_MS,
    });
    if (flags.json === true) process.stdout.write(`${JSON.stringify(report)}\n`);
    else printLines(describe(report));
    process.exitCode = report.databases.some((it) => it.conflicts > 0) ? 1 : 0;
  } finally {
    progress.end();
  }
}

async function targetOf(flags: ReplayFlags): Promise<ReplayTarget> {
  if (flags.name !== undefined) {
    if (flags.into !== undefined)
      throw new PrimacyError('usage', 'cannot use --into with --name: a lab has one primary');
    return (await import('./salvage/lab-target.ts')).labTarget(flags.name);
  }
  const { context } = await prepare(flags, 'replay into');
  return (await import('../node/salvage/find-target.ts')).findTarget(context, flags.into);
}

function describe(report: ReplayReport): readonly string[] {
  const done = report.dryRun ? 'would be' : 'were';
  return [
    ...report.conflicts.map(
      (it) =>
        `${it.database} ${it.relation} ${it.action}: ${it.why}: ${JSON.stringify(it.after ?? it.before).slice(0, 300)}`,
    ),
    ...report.databases.map((it) =>
      it.alreadyReplayed
        ? `${it.database}: replayed before (${it.applied} rows put back, ${it.conflicts} conflicts); nothing was changed`
        : `${it.database}: ${it.applied} rows ${done} put back into ${report.into}, ${it.alreadyThere} were there, ${it.conflicts} conflict`,
    ),
    ...(report.databases.length === 0 ? [`${report.bundle} has no rows to put back`] : []),
  ];
}
