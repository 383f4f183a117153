/** Puts a file in another's place for a while and the old one back exactly; a later run puts it back where the first was killed. */
import { existsSync, lstatSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

const SAVED = '.primacy-saved';
const WAS_ABSENT = '.primacy-was-absent';

/** Replaces `path` by `content`. The old file is renamed, so that owner, mode, time and symbolic link come back as they were.
 * @param {string} path
 * @param {string} content
 * @param {number} mode */
export function setAside(path, content, mode) {
  putBack(path);
  mkdirSync(dirname(path), { recursive: true });
  // The note is made first: whenever we are killed, putBack knows what to do.
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) writeFileSync(path + WAS_ABSENT, '');
  else renameSync(path, path + SAVED);
  writeFileSync(path, content, { mode });
}

/** Undoes `setAside`; does nothing where it was not called.
 * @param {string} path */
export function putBack(path) {
  if (lstatSync(path + SAVED, { throwIfNoEntry: false }) !== undefined) renameSync(path + SAVED, path);
  if (!existsSync(path + WAS_ABSENT)) return;
  rmSync(path, { force: true });
  rmSync(path + WAS_ABSENT);
}
