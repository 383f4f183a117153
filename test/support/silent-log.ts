/** A log that nobody reads. */
import type { Log } from '../../src/node/log.ts';

export const silent: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };
