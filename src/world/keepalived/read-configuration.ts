/** Reads keepalived.conf with all files that it includes, as keepalived would. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parseConfiguration, type ConfigurationNode } from './configuration-tree.ts';

export interface Configuration {
  readonly nodes: readonly ConfigurationNode[];
  /** The file itself first, then every file it includes. */
  readonly files: readonly string[];
}

const DEPTH_MAX = 5;

/** Throws the system's error where the file itself is missing; an included file that is missing holds nothing, as for keepalived. */
export function readConfiguration(file: string): Configuration {
  const files: string[] = [];
  const read = (path: string, depth: number): readonly ConfigurationNode[] => {
    files.push(path);
    return parseConfiguration(readFileSync(path, 'utf8')).flatMap((node) => {
      if (node.words[0] !== 'include' || depth >= DEPTH_MAX) return [node];
      return included(dirname(path), node.words[1] ?? '').flatMap((it) => read(it, depth + 1));
    });
  };
  const nodes = read(file, 0);
  return { nodes, files };
}

/** What tells whether any of these files is another one than before. Throws where one is gone. */
export function identityOf(files: readonly string[]): string {
  return files
    .map((file) => {
      const { ino, mtimeMs, ctimeMs, size } = statSync(file);
      return `${ino} ${mtimeMs} ${ctimeMs} ${size}`;
    })
    .join(' ');
}

/** Relative to the including file; `*` and `?` in the last part only, which is where people have them. */
function included(directory: string, pattern: string): readonly string[] {
  const path = resolve(directory, pattern);
  const folder = dirname(path);
  const name = path.slice(folder.length).replace(/^\//, '');
  const expression = new RegExp(
    `^${name
      .replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
  );
  try {
    return readdirSync(folder)
      .filter((it) => expression.test(it) && (!it.startsWith('.') || name.startsWith('.')))
      .toSorted()
      .map((it) => resolve(folder, it));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
