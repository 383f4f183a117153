/** keepalived's check script taken away, made to hang, or left without its x bit. */
import { join } from 'node:path';
import { paths } from '../../config/paths.ts';
import type { FaultTarget } from './fault.ts';
import { shell } from './shell.ts';

const SCRIPT = join(paths.guardDirectory, 'dead-man');

/** A colleague tidies up. */
export async function removeScript(target: FaultTarget): Promise<void> {
  await shell(target, 'mv "$1" "$1.away"', [SCRIPT]);
}

/** Every run waits for something that does not come. */
export async function hangScript(target: FaultTarget): Promise<void> {
  const script = `
cp -p "$1" "$1.away"
printf '#!/bin/sh\\nexec sleep 86400\\n' >"$1.new"
chmod 755 "$1.new"
mv "$1.new" "$1"
`;
  await shell(target, script, [SCRIPT]);
}

/** Somebody restores it from a backup without its mode. */
export async function disarmScript(target: FaultTarget): Promise<void> {
  await shell(target, 'chmod a-x "$1"', [SCRIPT]);
}

/** Whatever was done to it. */
export async function restoreScript(target: FaultTarget): Promise<void> {
  await shell(target, '[ ! -e "$1.away" ] || mv -f "$1.away" "$1"; chmod 755 "$1"', [SCRIPT]);
}
