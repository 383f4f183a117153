/** The catalogue of drills: what a story names is there, and no name is used twice. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { drills } from '../../../../src/lab/drills/catalogue.ts';
import { kindOf } from '../../../../src/lab/drills/lab-supply.ts';

const RULES = fileURLToPath(new URL('../../../../rules', import.meta.url));
const STORIES = fileURLToPath(new URL('../../../../src/lab/drills/stories', import.meta.url));

const alertsOfRules = new Set(
  readdirSync(RULES).flatMap((file) =>
    [...readFileSync(`${RULES}/${file}`, 'utf8').matchAll(/- alert: (\w+)/g)].map((match) => match[1]),
  ),
);

describe('the drills', () => {
  it('ask only for alerts that there are', () => {
    const named = [...drills.values()].flatMap((drill) => [
      ...(drill.alerts ?? []).map((alert) => alert.name),
      ...(drill.mayAlert ?? []),
    ]);
    expect(named.filter((name) => !alertsOfRules.has(name))).toEqual([]);
  });

  it('wait for no alert longer than a minute', () => {
    const bounds = [...drills.values()].flatMap((drill) => (drill.alerts ?? []).map((alert) => alert.within));
    expect(Math.max(...bounds)).toBeLessThanOrEqual(60);
    expect(Math.min(...bounds)).toBeGreaterThan(0);
  });

  it('have names of their own', () => {
    const text = readdirSync(STORIES).map((file) => readFileSync(`${STORIES}/${file}`, 'utf8'));
    const written = text.flatMap((story) =>
      [...story.matchAll(/^ {2}\[\n? *'([a-z0-9-]+)',/gm)].map((match) => match[1]),
    );
    expect(new Set(written)).toEqual(new Set(drills.keys()));
    expect(written).toHaveLength(drills.size);
  });

  it('share labs: there are far fewer kinds of labs than drills', () => {
    const kinds = new Set([...drills.values()].map(kindOf));
    expect(kinds.size * 4).toBeLessThan(drills.size);
  });
});
