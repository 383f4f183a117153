/** What else on this host would start the server, past Primacy: Debian's units and their start.conf. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { PostgresConfig } from '../../config/schema.ts';
import { known, unknown, type Known } from '../../core/model/known.ts';
import { errorText } from '../../core/model/primacy-error.ts';
import { readOptional } from '../../world/files/read-optional.ts';

const UNITS = '/etc/systemd/system';

/** Only a hint for people (U5): whatever starts the server, it comes up as a standby. Elsewhere than in Debian's place nothing is known. */
export async function otherStarts(postgres: PostgresConfig): Promise<Known<readonly string[]>> {
  const debian = /^\/var\/lib\/postgresql\/([^/]+)\/([^/]+)\/?$/.exec(postgres.dataDirectory);
  if (debian === null) return known([]);
  const [, version = '', name = ''] = debian;
  try {
    const startConf = await readOptional(join('/etc/postgresql', version, name, 'start.conf'));
    const automatic = startConf !== null && /^\s*auto\s*$/m.test(startConf);
    if (!automatic) return known([]);
    const unit = `postgresql@${version}-${name}.service`;
    return known((await hasDropIn(join(UNITS, `${unit}.d`))) ? [] : [`${unit} without our drop-in`]);
  } catch (error) {
    return unknown(errorText(error));
  }
}

async function hasDropIn(directory: string): Promise<boolean> {
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  for (const name of names)
    if (/primacy\S* start\b/.test((await readOptional(join(directory, name))) ?? '')) return true;
  return false;
}
