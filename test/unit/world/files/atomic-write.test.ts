/** A file is replaced whole, with nothing left beside it. That it survives a loss of power is shown by system-call trace elsewhere. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { removeDurably, writeAtomically } from '../../../../src/world/files/atomic-write.ts';

let folder = '';
let file = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'primacy-atomic-'));
  file = join(folder, 'state.json');
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe('an atomic write', () => {
  it.each([true, false])('makes a file that only its owner can read (durable: %s)', async (durable) => {
    await writeAtomically(file, 'new', { durable });
    expect(readFileSync(file, 'utf8')).toBe('new');
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('replaces the old file by another one, which a reader with the old one open does not see', async () => {
    writeFileSync(file, 'old');
    const before = statSync(file).ino;
    await writeAtomically(file, 'new', { mode: 0o644 });
    expect(readFileSync(file, 'utf8')).toBe('new');
    expect(statSync(file).ino).not.toBe(before);
    expect(statSync(file).mode & 0o777).toBe(0o644);
  });

  it('leaves nothing beside the file', async () => {
    await writeAtomically(file, 'new');
    expect(readdirSync(folder)).toEqual(['state.json']);
  });

  it('that fails leaves nothing beside what was there', async () => {
    await expect(writeAtomically(join(folder, 'absent', 'x'), 'new')).rejects.toThrow('ENOENT');
    mkdirSync(join(folder, 'occupied'));
    await expect(writeAtomically(join(folder, 'occupied'), 'new')).rejects.toThrow('EISDIR');
    expect(readdirSync(folder)).toEqual(['occupied']);
  });

  it('of many writers at once ends with the whole text of one', async () => {
    const texts = Array.from({ length: 20 }, (_, n) => String(n).repeat(10_000));
    await Promise.all(texts.map((text) => writeAtomically(file, text)));
    expect(texts).toContain(readFileSync(file, 'utf8'));
    expect(readdirSync(folder)).toEqual(['state.json']);
  });
});

describe('a durable removal', () => {
  it('takes the file away, and is content where it is absent', async () => {
    await writeAtomically(file, 'x');
    await removeDurably(file);
    await removeDurably(file);
    expect(readdirSync(folder)).toEqual([]);
  });
});
