/** Each import direction of ARCHITECTURE.md is enforced: the linter is run on a bad sample of every rule. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root } from './repository.ts';

/** File, what it imports. Every row must be an error. */
const FORBIDDEN: readonly (readonly [string, string])[] = [
  ['src/core/plan/a.ts', 'node:fs'],
  ['src/core/plan/a.ts', 'zod'],
  ['src/core/plan/a.ts', '../../world/clock.ts'],
  ['src/core/plan/a.ts', '../../config/schema.ts'],
  ['src/world/files/a.ts', '../../node/agent.ts'],
  ['src/world/files/a.ts', '../../responder/webhook/a.ts'],
  ['src/world/files/a.ts', '../../metrics/catalogue.ts'],
  ['src/world/files/a.ts', 'pg'],
  ['src/world/postgres/a.ts', 'node-ssh'],
  ['src/world/remote/a.ts', 'pg'],
  ['src/config/a.ts', '../world/clock.ts'],
  ['src/config/generate/a.ts', '../../node/agent.ts'],
  ['src/metrics/a.ts', '../node/agent.ts'],
  ['src/metrics/a.ts', 'express'],
  ['src/node/agent.ts', '../responder/a.ts'],
  ['src/node/agent.ts', '../lab/a.ts'],
  ['src/node/agent.ts', '../cli/main.ts'],
  ['src/node/agent.ts', 'express'],
  ['src/node/agent.ts', 'prom-client'],
  ['src/node/agent.ts', 'js-yaml'],
  ['src/responder/a.ts', '../node/agent.ts'],
  ['src/responder/a.ts', 'pg'],
  ['src/responder/a.ts', 'kysely'],
  ['src/responder/a.ts', 'node:sqlite'],
  ['src/responder/a.ts', 'markdown-it'],
  ['src/responder/store/a.ts', 'node-ssh'],
  ['src/responder/pages/a.ts', '../../lab/a.ts'],
  ['src/lab/a.ts', '../cli/main.ts'],
  ['src/lab/a.ts', 'commander'],
  ['src/cli/a.ts', 'pg'],
  ['src/cli/a.ts', '../bootstrap/child.js'],
  ['src/bootstrap/a.js', 'zod'],
  ['src/bootstrap/a.js', '../core/model/lsn.ts'],
];

const ALLOWED: readonly (readonly [string, string])[] = [
  ['src/core/plan/a.ts', '../model/lsn.ts'],
  ['src/core/model/a.ts', './lsn.ts'],
  ['src/world/postgres/a.ts', 'pg'],
  ['src/world/remote/a.ts', 'node-ssh'],
  ['src/config/a.ts', 'js-yaml'],
  ['src/metrics/a.ts', 'prom-client'],
  ['src/node/server.ts', 'express'],
  ['src/node/agent.ts', '../world/clock.ts'],
  ['src/responder/a.ts', 'express'],
  ['src/responder/store/a.ts', 'kysely'],
  ['src/responder/pages/a.ts', 'eta'],
  ['src/cli/a.ts', 'commander'],
  ['src/bootstrap/a.js', 'node:fs'],
  ['src/bootstrap/a.js', './child.js'],
];

/** Rules that fired, by the file in which they did. */
type Findings = ReadonlyMap<string, readonly string[]>;

let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'primacy-tidy-'));
  copyFileSync(join(root, '.oxlintrc.json'), join(folder, '.oxlintrc.json'));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

function lint(files: Readonly<Record<string, string>>): Findings {
  rmSync(join(folder, 'src'), { recursive: true, force: true });
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const oxlint = join(root, 'node_modules/.bin/oxlint');
  const end = spawnSync(oxlint, ['--format', 'json', 'src'], { cwd: folder, encoding: 'utf8' });
  const { diagnostics } = JSON.parse(end.stdout) as {
    readonly diagnostics: readonly { readonly code: string; readonly filename: string }[];
  };
  const findings = new Map<string, string[]>();
  for (const { code, filename } of diagnostics) {
    findings.set(filename, [...(findings.get(filename) ?? []), code]);
  }
  return findings;
}

/** A file of its own for each row, so that one run of the linter shows them all. */
function numbered(path: string, row: number): string {
  return path.replace(/(\.[tj]s)$/, `-${row}$1`);
}

function sample(rows: readonly (readonly [string, string])[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    rows.map(([path, module], row) => [
      numbered(path, row),
      `import * as it from '${module}';\nexport const a = it;\n`,
    ]),
  );
}

const RESTRICTED = 'eslint(no-restricted-imports)';

describe('a forbidden import', () => {
  let findings: Findings;
  beforeAll(() => {
    findings = lint(sample(FORBIDDEN));
  });

  it.each(FORBIDDEN.map(([path, module], row) => ({ path, module, row })))(
    'of $module in $path is an error',
    ({ path, row }) => {
      expect(findings.get(numbered(path, row))).toContain(RESTRICTED);
    },
  );
});

describe('the import directions', () => {
  it('allow what ARCHITECTURE.md allows', () => {
    const findings = lint(sample(ALLOWED));
    expect([...findings].filter(([, codes]) => codes.includes(RESTRICTED))).toEqual([]);
  });

  it('form no cycle', () => {
    const findings = lint({
      'src/core/plan/a.ts': "import { b } from './b.ts';\nexport const a = (): number => b();\n",
      'src/core/plan/b.ts': "import { a } from './a.ts';\nexport const b = (): number => a();\n",
    });
    expect(findings.get('src/core/plan/a.ts')).toContain('import(no-cycle)');
  });
});
