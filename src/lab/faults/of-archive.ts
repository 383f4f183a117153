/** Faults of the WAL archive that the database hosts share, in a lab of `--archive`. */
import { ARCHIVE_FOLDER } from '../configure/postgres.ts';
import { PRIMARY, type Fault } from './fault.ts';
import { shell } from './shell.ts';

/** A timeline that left the first one before there was anything: what a restore that somebody tried and threw away leaves behind. */
const DISCARDED = `
[ -d "$1" ] || { echo "there is no shared archive: build the lab with --archive" >&2; exit 1; }
newest=$(runuser -u postgres -- psql -XAtqc "select max(('x' || substr(name, 1, 8))::bit(32)::int) from pg_ls_waldir() where name ~ '^[0-9A-F]{24}$'") || exit 1
file=$1/$(printf %08X $((newest + 1))).history
[ ! -e "$file" ] || { echo "$file is there" >&2; exit 1; }
printf '1\\t0/1000000\\tno recovery target specified\\n' >"$file"
chmod 644 "$file"
`;

export const archiveFaults: readonly (readonly [string, Fault])[] = [
  [
    'discarded-history',
    {
      summary:
        'the shared archive gets the history file of a discarded timeline with the next number, in a lab of --archive',
      defaultHost: PRIMARY,
      strike: (target) => shell(target, DISCARDED, [ARCHIVE_FOLDER]),
      mend: null,
    },
  ],
];
