/** A file that stood in the way comes back exactly as it was, also when the run that moved it was killed. */
import {
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { putBack, setAside } from '../../../src/bootstrap/set-aside.js';

let folder = '';
let file = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'primacy-aside-'));
  file = join(folder, 'policy-rc.d');
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe('a file set aside', () => {
  it('is replaced, and comes back with its mode and time', () => {
    writeFileSync(file, 'theirs', { mode: 0o751 });
    const before = lstatSync(file);
    setAside(file, 'ours', 0o755);
    expect(readFileSync(file, 'utf8')).toBe('ours');
    expect(lstatSync(file).mode & 0o777).toBe(0o755);
    putBack(file);
    expect(readFileSync(file, 'utf8')).toBe('theirs');
    expect(lstatSync(file)).toMatchObject({ mode: before.mode, mtimeMs: before.mtimeMs, ino: before.ino });
    expect(readdirSync(folder)).toEqual(['policy-rc.d']);
  });

  it('comes back as the symbolic link it was, also where that leads nowhere', () => {
    symlinkSync('/nowhere', file);
    setAside(file, 'ours', 0o755);
    putBack(file);
    expect(readlinkSync(file)).toBe('/nowhere');
  });

  it('that was absent is absent again', () => {
    setAside(file, 'ours', 0o755);
    putBack(file);
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each([true, false])(
    'survives a run that was killed before it put it back (there before: %s)',
    (there) => {
      if (there) writeFileSync(file, 'theirs');
      setAside(file, 'ours', 0o755);
      // The next run begins in the same way and must not take our own file for theirs.
      setAside(file, 'ours again', 0o755);
      putBack(file);
      expect(existsSync(file)).toBe(there);
      expect(readdirSync(folder)).toEqual(there ? ['policy-rc.d'] : []);
    },
  );

  it('stays where it is when nothing was set aside', () => {
    writeFileSync(file, 'theirs');
    putBack(file);
    expect(readFileSync(file, 'utf8')).toBe('theirs');
  });
});
