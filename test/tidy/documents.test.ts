/** What the documents say about the code is so: links lead somewhere, codes and commands are all there. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { drills } from '../../src/lab/drills/catalogue.ts';
import { filesBelow, root, type RepositoryFile } from './repository.ts';

const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/** Relative links whose target is not there. */
function brokenLinks({ path, text }: RepositoryFile): readonly string[] {
  return [...text.matchAll(/\]\((?!https?:|#|mailto:)([^)#]+)[^)]*\)/g)]
    .map((match) => match[1] ?? '')
    .filter((target) => !existsSync(join(root, dirname(path), target)))
    .map((target) => `${path}: ${target}`);
}

/** Values of the union type `name` in a source. */
function unionMembers(source: string, name: string): readonly string[] {
  const body = new RegExp(`export type ${name} =([^;]+);`).exec(source)?.[1] ?? '';
  return [...body.matchAll(/'([a-z-]+)'/g)].map((match) => match[1] ?? '');
}

/** First cells of the rows of a table under a heading, without their back quotes. */
function tableKeys(text: string, heading: string): readonly string[] {
  const section = text.split(`## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  return [...section.matchAll(/^\| `([^`]+)`/gm)].map((match) => match[1] ?? '');
}

describe('the documents', () => {
  it('have no link that leads nowhere', () => {
    expect(filesBelow('.', /\.md$/).flatMap(brokenLinks)).toEqual([]);
    expect(brokenLinks({ path: 'README.md', text: '[a](absent.md)' })).toEqual(['README.md: absent.md']);
  });

  it('explain every error code and no other', () => {
    const codes = unionMembers(read('src/core/model/primacy-error.ts'), 'ErrorCode');
    expect(codes.length).toBeGreaterThan(5);
    expect(tableKeys(read('CONTRIBUTING.md'), 'Error codes').toSorted()).toEqual(codes.toSorted());
  });

  it('name the exit codes that the command line uses', () => {
    const used = [...read('src/cli/main.ts').matchAll(/: (\d+),$/gm)].map((match) => match[1]);
    expect(used.length).toBeGreaterThan(2);
    for (const code of used) expect(read('README.md')).toMatch(new RegExp(`^\\| ${code} +\\|`, 'm'));
  });

  it('promise only what a drill that exists proves', () => {
    const section = read('PROMISES.md').split('## What proves it\n')[1]?.split('\n## ')[0] ?? '';
    const named = [...section.matchAll(/`([a-z-]+)`/g)].map((match) => match[1] ?? '');
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((name) => !drills.has(name))).toEqual([]);
  });

  it('name only npm scripts that exist', () => {
    const scripts: unknown = JSON.parse(read('package.json')).scripts;
    const named = filesBelow('.', /^(README|CONTRIBUTING|ARCHITECTURE)\.md$/).flatMap(({ text }) =>
      [...text.matchAll(/npm run (?:-s )?([a-z:]+)/g)].map((match) => match[1] ?? ''),
    );
    expect(named.length).toBeGreaterThan(5);
    for (const name of named) expect(scripts).toHaveProperty([name]);
  });
});
