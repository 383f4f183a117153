/** Looks whether what keepalived depends on is still as it must be, because keepalived itself fails open without a word. */
import { lstatSync, readFileSync, statSync, type Stats } from 'node:fs';
import { dirname } from 'node:path';
import { known, unknown, type Known } from '../../core/model/known.ts';
import { errorText } from '../../core/model/primacy-error.ts';
import { findBlock, parseConfiguration, type ConfigurationNode } from './configuration-tree.ts';

export const KEEPALIVED_CHECKS = ['config_file', 'track_file', 'script'] as const;

export interface KeepalivedCheck {
  readonly check: (typeof KEEPALIVED_CHECKS)[number];
  readonly intact: Known<boolean>;
}

export interface CheckedFiles {
  readonly configFile: string;
  readonly gateFile: string;
  readonly vrrpInstance: string;
}

interface ParsedFile {
  readonly identity: string;
  readonly nodes: readonly ConfigurationNode[];
}

/** Makes the check; the configuration is parsed again only when the file changed. */
export function createKeepalivedCheck(files: CheckedFiles): () => readonly KeepalivedCheck[] {
  let parsed: ParsedFile | null = null;
  const configuration = (): readonly ConfigurationNode[] => {
    const { ino, mtimeMs, size } = statSync(files.configFile);
    const identity = `${ino} ${mtimeMs} ${size}`;
    if (parsed?.identity !== identity)
      parsed = { identity, nodes: parseConfiguration(readFileSync(files.configFile, 'utf8')) };
    return parsed.nodes;
  };
  return () => [
    {
      check: 'config_file',
      intact: look(() => isSafeFile(files.configFile) && hasInstance(configuration(), files)),
    },
    {
      check: 'track_file',
      intact: look(() => isGateIntact(files) && isGateConfigured(configuration(), files)),
    },
    { check: 'script', intact: look(() => scriptsOf(configuration()).every(isSafeScript)) },
  ];
}

/** A missing file is a fact (not intact); any other trouble is unknown. */
function look(check: () => boolean): Known<boolean> {
  try {
    return known(check());
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return known(false);
    return unknown(errorText(error));
  }
}

const writableByOthers = (stats: Stats): boolean => (stats.mode & 0o022) !== 0;

/** keepalived skips an executable configuration file, and starts without it, with no error. */
function isSafeFile(path: string): boolean {
  const stats = lstatSync(path);
  return stats.isFile() && stats.uid === 0 && !writableByOthers(stats) && (stats.mode & 0o111) === 0;
}

function hasInstance(nodes: readonly ConfigurationNode[], files: CheckedFiles): boolean {
  return findBlock(nodes, 'vrrp_instance', files.vrrpInstance) !== undefined;
}

/** Anything but a number in the track file is read as 0, which is open; so is a missing one. */
function isGateIntact(files: CheckedFiles): boolean {
  return isSafeFile(files.gateFile) && /^[01]\n?$/.test(readFileSync(files.gateFile, 'utf8'));
}

/** The instance tracks our gate with weight 0: with any other weight a closed gate would not mean FAULT. */
function isGateConfigured(nodes: readonly ConfigurationNode[], files: CheckedFiles): boolean {
  const tracked = findBlock(nodes, 'vrrp_instance', files.vrrpInstance)?.children ?? [];
  const names = (findBlock(tracked, 'track_file')?.children ?? []).map((it) => it.words);
  return nodes.some((it) => {
    const isTrackFile = it.words[0] === 'track_file' || it.words[0] === 'vrrp_track_file';
    if (!isTrackFile || findBlock(it.children, 'file', files.gateFile) === undefined) return false;
    const used = names.find((words) => words[0] === it.words[1]);
    // A weight beside the name in the instance overrules the one of the definition; the default is 1.
    const weight = used?.[2] ?? findBlock(it.children, 'weight')?.words[1];
    return used !== undefined && weight === '0';
  });
}

/** The program of every vrrp_script, as an absolute path. */
function scriptsOf(nodes: readonly ConfigurationNode[]): readonly string[] {
  return nodes
    .filter((it) => it.words[0] === 'vrrp_script')
    .map((it) => {
      const line = findBlock(it.children, 'script')?.words.slice(1).join(' ') ?? '';
      return line.split(/\s+/)[0] ?? '';
    });
}

/** keepalived disables a script whose path others may write to, and goes on without the check. */
function isSafeScript(path: string): boolean {
  if (!path.startsWith('/')) return false;
  const stats = statSync(path);
  if (!stats.isFile() || stats.uid !== 0 || writableByOthers(stats) || (stats.mode & 0o111) === 0)
    return false;
  for (let directory = dirname(path); ; directory = dirname(directory)) {
    const { uid, mode } = statSync(directory);
    const sticky = (mode & 0o1000) !== 0;
    if (uid !== 0 || ((mode & 0o022) !== 0 && !sticky)) return false;
    if (directory === '/') return true;
  }
}
