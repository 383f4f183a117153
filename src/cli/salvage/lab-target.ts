/** The primary of a lab as the place where a bundle is put back. */
import { PrimacyError } from '../../core/model/primacy-error.ts';
import { enterArguments, poweredInit } from '../../lab/hosts/enter.ts';
import { readBeats, writableNow } from '../../lab/measure/beats.ts';
import type { ReplayTarget } from '../../node/salvage/replay-bundle.ts';

/** Throws `refused` unless exactly one host is writable. */
export async function labTarget(lab: string): Promise<ReplayTarget> {
  const [host, ...others] = writableNow(await readBeats(lab), Date.now());
  if (host === undefined || others.length > 0)
    throw new PrimacyError('refused', `cannot replay into lab ${lab}: not exactly one host is writable`);
  const init = await poweredInit(lab, host);
  const prefix = ['nsenter', ...enterArguments(init), 'runuser', '-u', 'postgres', '--'];
  return { name: host, psql: 'psql', prefix, conninfo: '' };
}
