/** Fills a database host's data disk, which must be its own: this machine's would be full otherwise. */
import { access } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PrimacyError } from '../../core/model/primacy-error.ts';
import { hostDirectory } from '../state.ts';
import type { FaultTarget } from './fault.ts';
import { dataDirectory, shell } from './shell.ts';

/** `dd` ends with an error when nothing is left: that is the aim. The WAL is then turned over until it needs room, as a busy primary's would. */
const FILL_SCRIPT = `
dd if=/dev/zero of="$1/filler" bs=1M status=none
dd if=/dev/zero of="$1/filler" bs=4k oflag=append conv=notrunc status=none
sync -f "$1"
[ "$(df --output=avail -B4k "$1" | tail -n 1)" -le 1 ] || { echo "the disk is not full" >&2; exit 1; }
for segment in $(seq 100); do
    runuser -u postgres -- psql -XAtqc 'create temporary table room (); select pg_switch_wal()' || exit 0
done
`;

/** Throws `refused` where the host has no disk of its own. */
export async function fillDisk(target: FaultTarget): Promise<void> {
  const image = join(hostDirectory(target.state.name, target.host.name), 'disk.img');
  try {
    await access(image);
  } catch (error) {
    throw new PrimacyError(
      'refused',
      `cannot fill the disk of ${target.host.name}: it is this machine's; build the lab with "--disk MEGABYTES"`,
      { cause: error },
    );
  }
  await shell(target, FILL_SCRIPT, [diskOf(target)]);
}

/** Makes room again, as a person would. */
export async function emptyDisk(target: FaultTarget): Promise<void> {
  await shell(target, 'rm -f "$1/filler"', [diskOf(target)]);
}

/** /var/lib/postgresql: two folders above the data directory. */
function diskOf(target: FaultTarget): string {
  return dirname(dirname(dataDirectory(target)));
}
