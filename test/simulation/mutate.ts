/** Makes a copy of src/core with one rule broken. */
import { cp, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadSubject, type Subject } from './subject.ts';
import type { Rule } from './mutations.ts';

const SOURCE = new URL('../../src/core/', import.meta.url);

/** Throws where the text is not in the file exactly once: the rule has changed, and the mutation must follow it. */
export async function mutate({ name, edits }: Rule): Promise<{ folder: string; subject: Subject }> {
  const folder = await mkdtemp(join(tmpdir(), 'primacy-mutation-'));
  await cp(SOURCE, folder, { recursive: true });
  for (const { file, replace, by } of edits) {
    const path = join(folder, file);
    const text = await readFile(path, 'utf8');
    if (text.split(replace).length !== 2)
      throw new Error(`cannot make "${name}": ${file} does not have its text exactly once`);
    await writeFile(
      path,
      text.replace(replace, () => by),
    );
  }
  return { folder, subject: await loadSubject(folder) };
}
