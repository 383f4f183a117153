/** Says whether node_modules holds what package-lock.json asks for, by comparing npm's own two lists. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkout, nodeModules, nodeProgram } from './checkout.js';

/** npm writes this list last, so it is there only after a complete installation. */
export const installedList = join(nodeModules, '.package-lock.json');

/** @typedef {{ readonly packages?: Readonly<Record<string, { readonly version?: string, readonly optional?: boolean }>> }} LockFile */

/** True where every package of the lock file is installed in its version. Optional ones may be absent: they are for other processors.
 * @param {LockFile} wanted
 * @param {LockFile} installed */
export function matches(wanted, installed) {
  return Object.entries(wanted.packages ?? {}).every(([path, entry]) => {
    if (path === '') return true;
    const version = installed.packages?.[path]?.version;
    return version === entry.version || (version === undefined && entry.optional === true);
  });
}

/** Looks at this checkout. */
export function npmPackagesAreThere() {
  if (!existsSync(installedList) || !existsSync(nodeProgram)) return false;
  return matches(readList(join(checkout, 'package-lock.json')), readList(installedList));
}

/** @param {string} path
 * @returns {LockFile} */
function readList(path) {
  return JSON.parse(readFileSync(path, 'utf8'));
}
