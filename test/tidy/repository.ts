/** The files of this repository, found without git: a fresh machine does not have it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root: string = fileURLToPath(new URL('../..', import.meta.url));

const NOT_OURS = new Set(['node_modules', '.git', '.cache', 'coverage', 'dist']);

export interface RepositoryFile {
  /** Relative to the root, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

/** Every file below `folder` whose path matches. Throws where there is none: a check that sees nothing must not pass. */
export function filesBelow(folder: string, pattern: RegExp): readonly RepositoryFile[] {
  const found = walk(folder).filter((path) => pattern.test(path));
  if (found.length === 0) throw new Error(`cannot find any file like ${pattern} below ${folder}`);
  return found.map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}

function walk(folder: string): readonly string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '.' ? entry.name : `${folder}/${entry.name}`;
    if (NOT_OURS.has(entry.name)) return [];
    if (entry.isDirectory()) return walk(path);
    return entry.isFile() ? [path] : [];
  });
}

/** Text that people read or machines run; not lock files and generated dashboards. */
export const TEXT_FILES: RegExp = /^(?!package-lock\.json$).*\.(ts|js|sh|md|yml|yaml|json)$/;
export const SOURCES: RegExp = /\.(ts|js)$/;
