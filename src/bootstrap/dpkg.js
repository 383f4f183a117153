/** Asks dpkg and apt, and changes nothing: what is installed, and what an installation would do to what is there. */
import { runChild } from './child.js';

/** Environment in which apt and dpkg ask nobody and speak English.
 * @type {NodeJS.ProcessEnv} */
export const packageEnvironment = {
  ...process.env,
  DEBIAN_FRONTEND: 'noninteractive',
  DEBIAN_PRIORITY: 'critical',
  NEEDRESTART_SUSPEND: '1',
  LC_ALL: 'C.UTF-8',
};

/** Names of all installed packages.
 * @returns {Promise<ReadonlySet<string>>} */
export async function installedPackages() {
  const format = '${Package}\t${db:Status-Status}\n';
  const { exitCode, output } = await runChild('dpkg-query', ['-W', '-f', format], { keep: 'stdout' });
  if (exitCode !== 0) throw new Error(`cannot ask dpkg what is installed: exit ${exitCode}`);
  return new Set(
    output
      .split('\n')
      .map((line) => line.split('\t'))
      .filter(([, status]) => status === 'installed')
      .map(([name]) => name ?? ''),
  );
}

/**
 * @typedef {object} Change
 * @property {string} name
 * @property {string} from installed version
 * @property {string} to version that apt would put in its place; empty where it would remove the package
 */

/** Packages that are there and would not stay as they are, read from what `apt-get --simulate` prints.
 * @param {string} text
 * @returns {readonly Change[]} */
export function parseChanges(text) {
  return text.split('\n').flatMap((line) => {
    const upgrade = /^Inst (\S+) \[([^\]]+)\] \((\S+)/.exec(line);
    if (upgrade !== null) return [{ name: upgrade[1] ?? '', from: upgrade[2] ?? '', to: upgrade[3] ?? '' }];
    const removal = /^(?:Remv|Purg) (\S+) \[([^\]]+)\]/.exec(line);
    return removal === null ? [] : [{ name: removal[1] ?? '', from: removal[2] ?? '', to: '' }];
  });
}

/** Names of the packages that would be new.
 * @param {string} text
 * @returns {readonly string[]} */
export function parseNew(text) {
  return text.split('\n').flatMap((line) => {
    const match = /^Inst (\S+) \((\S+)/.exec(line);
    return match === null ? [] : [match[1] ?? ''];
  });
}

/** Source package of each, as apt knows its candidate version.
 * @param {readonly string[]} names
 * @returns {Promise<ReadonlyMap<string, string>>} */
export async function sourcePackages(names) {
  if (names.length === 0) return new Map();
  const { output } = await runChild('apt-cache', ['show', '--no-all-versions', ...names], { keep: 'stdout' });
  return new Map(
    output.split('\n\n').flatMap((paragraph) => {
      const name = /^Package: (\S+)$/m.exec(paragraph)?.[1];
      const source = /^Source: (\S+)/m.exec(paragraph)?.[1];
      return name === undefined ? [] : [[name, source ?? name]];
    }),
  );
}
