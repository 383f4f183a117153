/** Looks whether what keepalived depends on is still as it must be, because keepalived itself fails open without a word. */
import {
  closeSync,
  existsSync,
  lstatSync,
  openSync,
  readFileSync,
  readSync,
  statSync,
  type Stats,
} from 'node:fs';
import { dirname } from 'node:path';
import { known, unknown, type Known } from '../../core/model/known.ts';
import { errorText } from '../../core/model/primacy-error.ts';
import { findBlock, type ConfigurationNode } from './configuration-tree.ts';
import { identityOf, readConfiguration, type Configuration } from './read-configuration.ts';

export const KEEPALIVED_CHECKS = ['config_file', 'track_file', 'script', 'dead_man'] as const;

export interface KeepalivedCheck {
  readonly check: (typeof KEEPALIVED_CHECKS)[number];
  readonly intact: Known<boolean>;
}

export interface CheckedFiles {
  readonly configFile: string;
  readonly gateFile: string;
  readonly vrrpInstance: string;
  /** The dead-man script, which an adopted node must have in its instance; null = it is not asked for. */
  readonly deadMan?: { readonly program: string; readonly adoption: string } | null;
}

interface ParsedFile extends Configuration {
  readonly identity: string;
}

/** Makes the check; the configuration is parsed again only when the file changed. */
export function createKeepalivedCheck(files: CheckedFiles): () => readonly KeepalivedCheck[] {
  let parsed: ParsedFile | null = null;
  const configuration = (): Configuration => {
    if (parsed === null || identityOf(parsed.files) !== parsed.identity) {
      const read = readConfiguration(files.configFile);
      parsed = { ...read, identity: identityOf(read.files) };
    }
    return parsed;
  };
  return () => [
    {
      check: 'config_file',
      intact: look(
        () => configuration().files.every(isSafeFile) && hasInstance(configuration().nodes, files),
      ),
    },
    {
      check: 'track_file',
      intact: look(() => isGateIntact(files) && isGateConfigured(configuration().nodes, files)),
    },
    { check: 'script', intact: look(() => scriptsOf(configuration().nodes).every(isSafeScript)) },
    { check: 'dead_man', intact: look(() => isDeadManConfigured(configuration().nodes, files)) },
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

/** The instance runs the dead-man script often enough, and nothing but a failure of it counts. Only asked for on an adopted node. */
function isDeadManConfigured(nodes: readonly ConfigurationNode[], files: CheckedFiles): boolean {
  const { deadMan = null, vrrpInstance } = files;
  if (deadMan === null || !existsSync(deadMan.adoption)) return true;
  const tracked = findBlock(nodes, 'vrrp_instance', vrrpInstance)?.children ?? [];
  const names = (findBlock(tracked, 'track_script')?.children ?? []).map((it) => it.words);
  return nodes.some((it) => {
    if (it.words[0] !== 'vrrp_script' || programOf(it) !== deadMan.program) return false;
    const used = names.find((words) => words[0] === it.words[1]);
    const weight = used?.[2] ?? findBlock(it.children, 'weight')?.words[1] ?? '0';
    const interval = findBlock(it.children, 'interval')?.words[1] ?? '1';
    return used !== undefined && weight === '0' && Number(interval) <= 1;
  });
}

/** The program of every vrrp_script, as an absolute path. */
function scriptsOf(nodes: readonly ConfigurationNode[]): readonly string[] {
  return nodes.filter((it) => it.words[0] === 'vrrp_script').map(programOf);
}

function programOf(script: ConfigurationNode): string {
  const line = findBlock(script.children, 'script')?.words.slice(1).join(' ') ?? '';
  return line.split(/\s+/)[0] ?? '';
}

/**
 * keepalived disables a script whose path others may write to, and goes on without the check; one that cannot be run, because it is
 * gone, not executable or has no interpreter, keeps its last result for ever.
 */
function isSafeScript(path: string): boolean {
  if (!path.startsWith('/')) return false;
  const stats = statSync(path);
  if (!stats.isFile() || stats.uid !== 0 || writableByOthers(stats) || (stats.mode & 0o111) === 0)
    return false;
  const interpreter = interpreterOf(path);
  if (interpreter !== null && (statSync(interpreter).mode & 0o111) === 0) return false;
  for (let directory = dirname(path); ; directory = dirname(directory)) {
    const { uid, mode } = statSync(directory);
    const sticky = (mode & 0o1000) !== 0;
    if (uid !== 0 || ((mode & 0o022) !== 0 && !sticky)) return false;
    if (directory === '/') return true;
  }
}

const SHEBANG_BYTES_MAX = 256;

/** The program in a script's first line; null where it has none. */
function interpreterOf(path: string): string | null {
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(SHEBANG_BYTES_MAX);
    const text = bytes.toString('latin1', 0, readSync(file, bytes, 0, SHEBANG_BYTES_MAX, 0));
    return /^#![ \t]*(\S+)/.exec(text)?.[1] ?? null;
  } finally {
    closeSync(file);
  }
}
