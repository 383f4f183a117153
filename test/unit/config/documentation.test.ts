/** Goal: CONFIGURATION.md names every field with its default, and no other. Method: its tables against a configuration of defaults. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { configSchema } from '../../../src/config/schema.ts';

const page = readFileSync(join(import.meta.dirname, '../../../CONFIGURATION.md'), 'utf8');

/** `| field | default |` of the table under each heading, as `heading.field: default`. */
function documented(): readonly string[] {
  return page.split(/^## /m).flatMap((section) => {
    const heading = section.split('\n', 1)[0] ?? '';
    return [...section.matchAll(/^\| `([^`]+)` +\| (.*?) +\|/gm)].map(
      ([, field = '', byDefault = '']) => `${heading}.${field}: ${byDefault.replaceAll('`', '').trim()}`,
    );
  });
}

/** What a person has to write down has no default. */
const REQUIRED = { name: 'a', vip: '192.0.2.1/24', interface: 'eth0', vrid: 1 };
const NODE = { name: 'n', addresses: ['192.0.2.2'] };
const REQUIRED_PATHS = [
  ...Object.keys(REQUIRED).map((key) => `clusters[].${key}`),
  ...Object.keys(NODE).map((key) => `clusters[].nodes[].${key}`),
];

function leaves(value: unknown, path: string): readonly string[] {
  if (Array.isArray(value) && typeof value[0] === 'object') return leaves(value[0], `${path}[]`);
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return Object.entries(value).flatMap(([key, inner]) =>
      leaves(inner, path === '' ? key : `${path}.${key}`),
    );
  return [`${path}: ${REQUIRED_PATHS.includes(path) ? '' : JSON.stringify(value)}`];
}

it('every field stands in the table of its part, with its default', () => {
  const config = configSchema.parse({ clusters: [{ ...REQUIRED, nodes: [NODE] }] });
  const fields = leaves(config, '').map((field) => field.trim());
  expect(fields.length).toBeGreaterThan(60);
  expect(
    documented()
      .map((field) => field.trim())
      .toSorted(),
  ).toEqual(fields.toSorted());
});
