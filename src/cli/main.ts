/** Parses the command line, runs one command and turns what went wrong into one sentence and an exit code. */
import { Command, CommanderError } from 'commander';
import { errorText, PrimacyError, type ErrorCode } from '../core/model/primacy-error.ts';
import { commands } from './commands.ts';

const EXIT_CODES: Partial<Record<ErrorCode, number>> = {
  usage: 64,
  'missing-prerequisite': 69,
  'config-invalid': 78,
};

/** Runs the command line and sets `process.exitCode`; 64 on wrong usage, 69 and 78 as in the README, else 1 on failure. */
export async function main(argv: readonly string[]): Promise<void> {
  const program = new Command('primacy')
    .description(
      'Keeps exactly one PostgreSQL primary behind the VIP, and never loses a transaction without saying so.',
    )
    .enablePositionalOptions()
    .exitOverride();
  for (const entry of commands) {
    const command = program.command(entry.name).description(entry.summary).exitOverride();
    if (argv[0] === entry.name) (await entry.load()).configure(command);
  }
  try {
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    process.exitCode = reportFailure(error);
  }
}

function reportFailure(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 64;
  process.stderr.write(`primacy: ${errorText(error)}\n`);
  return error instanceof PrimacyError ? (EXIT_CODES[error.code] ?? 1) : 1;
}
