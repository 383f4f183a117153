/** What this host has for a rejoin: room beside the data directory, and PostgreSQL's programs. */
import { access, constants } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { PostgresConfig } from '../../config/schema.ts';
import type { HostReadiness } from '../../core/divergence/rejoin-preflight.ts';
import { known } from '../../core/model/known.ts';
import { freeBytesAt } from '../../world/files/free-space.ts';
import type { Runner } from '../../world/remote/runner.ts';

/** Everything that account and rejoin call. */
const PROGRAMS = ['pg_rewind', 'pg_basebackup', 'pg_waldump', 'pg_controldata', 'pg_ctl', 'psql'];

/** One look. The parent of the data directory is asked: it is on the same file system, and stays while a copy takes its place. */
export async function readHostReadiness(runner: Runner, postgres: PostgresConfig): Promise<HostReadiness> {
  const { binDirectory, configFile, dataDirectory } = postgres;
  const wanted = [
    ...PROGRAMS.map((name) => ({ path: join(binDirectory, name), mode: constants.X_OK })),
    { path: configFile, mode: constants.R_OK },
  ];
  const [freeBytes, ...missing] = await Promise.all([
    freeBytesAt(runner, dirname(dataDirectory)),
    ...wanted.map(({ path, mode }) => absent(path, mode)),
  ]);
  return { freeBytes, missing: known(missing.flat()) };
}

async function absent(path: string, mode: number): Promise<readonly string[]> {
  try {
    await access(path, mode);
    return [];
  } catch {
    // Why it cannot be used does not matter: it is named, and a person looks.
    return [path];
  }
}
