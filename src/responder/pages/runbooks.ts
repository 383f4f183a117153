/** The runbooks as pages: one Markdown file per alert, found by name among the files that exist, never by a path that was sent. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import MarkdownIt from 'markdown-it';

/** HTML in a runbook is shown as text. */
const markdown = new MarkdownIt({ html: false, linkify: false });

/** The repository's runbooks. */
export const runbooksDirectory: string = fileURLToPath(new URL('../../../runbooks', import.meta.url));

/** Names of all runbooks, sorted. */
export async function runbookNames(directory: string): Promise<readonly string[]> {
  const files = await readdir(directory);
  return files
    .filter((file) => /^[A-Z][A-Za-z]*\.md$/.test(file))
    .map((file) => file.slice(0, -'.md'.length))
    .toSorted();
}

/** The runbook as HTML, or null where there is none of that name. */
export async function renderRunbook(directory: string, name: string): Promise<string | null> {
  if (!(await runbookNames(directory)).includes(name)) return null;
  return markdown.render(await readFile(join(directory, `${name}.md`), 'utf8'));
}
