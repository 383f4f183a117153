/** Writes a configuration as the YAML text of primacy.yml. */
import { dump } from 'js-yaml';
import type { Config } from './schema.ts';

/** The text of primacy.yml for a configuration; reading it back gives the same. */
export function configText(config: Config): string {
  return dump(config, { lineWidth: 110 });
}
