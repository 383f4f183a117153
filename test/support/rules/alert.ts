/** An alert as its rule file states it, and how the rule files are read. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { z } from 'zod';

export interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface Rules {
  readonly alerts: readonly Alert[];
  /** Expressions of alerts and recording rules alike. */
  readonly expressions: readonly string[];
  /** Names of recorded series. */
  readonly records: readonly string[];
}

const words = z.record(z.string(), z.string()).default({});
const ruleFile = z.object({
  groups: z.array(
    z.object({
      rules: z.array(
        z.union([
          z.object({ alert: z.string(), expr: z.string(), labels: words, annotations: words }),
          z.object({ record: z.string(), expr: z.string() }),
        ]),
      ),
    }),
  ),
});

/** Reads every rule file of a directory. Throws where there is none, because a check that saw nothing proves nothing. */
export async function readRules(directory: string): Promise<Rules> {
  const files = (await readdir(directory)).filter((name) => name.endsWith('.yml'));
  if (files.length === 0) throw new Error(`cannot read rules: no *.yml in ${directory}`);
  const texts = await Promise.all(files.map((name) => readFile(join(directory, name), 'utf8')));
  const rules = texts.flatMap((text) => ruleFile.parse(load(text)).groups.flatMap((group) => group.rules));
  return {
    alerts: rules.filter((rule) => 'alert' in rule),
    expressions: rules.map((rule) => rule.expr),
    records: rules.flatMap((rule) => ('record' in rule ? [rule.record] : [])),
  };
}
