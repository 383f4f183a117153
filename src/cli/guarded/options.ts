/** What `start`, `stop` and `restart` have in common: options, identity, and lines about what takes long. */
import type { Command } from 'commander';
import { mkdir } from 'node:fs/promises';
import { loadConfig } from '../../config/load.ts';
import { paths } from '../../config/paths.ts';
import { PrimacyError } from '../../core/model/primacy-error.ts';
import { identifyNode } from '../../node/identify.ts';
import type { ProcedureContext } from '../../node/procedures/context.ts';
import { hostContext } from '../../node/procedures/host-context.ts';
import type { JoinPolicy } from '../../node/start/joining.ts';

export interface CommonFlags {
  readonly config: string;
  readonly node?: string;
  readonly json?: boolean;
}

const PROGRESS_AFTER_MS = 2_000;

/** Adds the options of all three. */
export function configureCommon(command: Command): Command {
  return command
    .option('--config <file>', 'configuration file', paths.config)
    .option('--node <name>', 'name of this node in it (default: host name, else local address)')
    .option('--json', 'the whole report as one JSON document');
}

export interface Prepared {
  readonly context: ProcedureContext;
  readonly policy: JoinPolicy;
}

/** Throws `missing-prerequisite` for anybody but root, `refused` on a witness. */
export async function prepare(flags: CommonFlags, what: string): Promise<Prepared> {
  const config = await loadConfig(flags.config);
  const identity = identifyNode(config, flags.node);
  if (process.getuid?.() !== 0)
    throw new PrimacyError('missing-prerequisite', `cannot ${what} PostgreSQL: run it as root`);
  if (identity.node.kind !== 'database')
    throw new PrimacyError('refused', `cannot ${what} ${identity.node.name}: it is a witness`);
  await mkdir(paths.stateDirectory, { recursive: true });
  await mkdir(paths.runDirectory, { recursive: true });
  return { context: hostContext(identity, paths, []), policy: config.responder.policy };
}

export interface Progress {
  readonly tell: (sentence: string) => void;
  readonly end: () => void;
}

/** Says what is under way once it has taken two seconds, on standard error, because standard output is the report's. */
export function progressLines(): Progress {
  let timer: NodeJS.Timeout | undefined;
  let last = '';
  const end = (): void => clearTimeout(timer);
  return {
    tell: (sentence) => {
      if (sentence === last) return;
      last = sentence;
      end();
      timer = setTimeout(() => process.stderr.write(`primacy: ${sentence}\n`), PROGRESS_AFTER_MS);
    },
    end,
  };
}

/** Prints a report: the sentence for people, the document for programs. A failure's sentence goes to standard error. */
export function printReport(
  report: { readonly exitCode: number; readonly sentence: string },
  json: boolean | undefined,
): void {
  if (json === true)
    process.stdout.write(
      `${JSON.stringify(report, (_key, it: unknown) => (typeof it === 'bigint' ? String(it) : it))}\n`,
    );
  else if (report.exitCode === 0) process.stdout.write(`${report.sentence}\n`);
  else process.stderr.write(`primacy: ${report.sentence}\n`);
  process.exitCode = report.exitCode;
}
