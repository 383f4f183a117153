/** Reads `pg_controldata`: the only source about a data directory while its server is down. */
import { join } from 'node:path';
import type { PostgresConfig } from '../../config/schema.ts';
import { known, unknown, type Known } from '../../core/model/known.ts';
import { parseLsn } from '../../core/model/lsn.ts';
import type { SystemIdentifier } from '../../core/model/names.ts';
import type { ControlData } from '../../core/model/observation.ts';
import { errorText, PrimacyError } from '../../core/model/primacy-error.ts';
import { parseTimelineId } from '../../core/model/timeline.ts';
import { describeResult, type Command, type Runner } from '../remote/runner.ts';

/** What procedures need beyond an observation. */
export interface ControlFile extends ControlData {
  readonly walSegmentBytes: number;
}

const TIMEOUT_MILLIS = 2_000;

/** Runs pg_controldata in a child process: a hung disk costs the child, not us. */
export async function readControlFile(runner: Runner, postgres: PostgresConfig): Promise<Known<ControlFile>> {
  const command: Command = {
    program: join(postgres.binDirectory, 'pg_controldata'),
    arguments: ['-D', postgres.dataDirectory],
    timeoutMs: TIMEOUT_MILLIS,
  };
  const result = await runner.run(command);
  if (result.kind !== 'done') return unknown(`cannot read control file: ${describeResult(command, result)}`);
  try {
    return known(parseControlFile(result.stdout));
  } catch (error) {
    return unknown(errorText(error));
  }
}

/** Reads the program's output under LC_ALL=C. Throws `output-invalid` where a line is missing. */
export function parseControlFile(text: string): ControlFile {
  const values = new Map<string, string>();
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) values.set(line.slice(0, colon).trim(), line.slice(colon + 1).trim());
  }
  const value = (name: string): string => {
    const found = values.get(name);
    if (found === undefined)
      throw new PrimacyError('output-invalid', `cannot read control file: no line ${JSON.stringify(name)}`);
    return found;
  };
  return {
    systemIdentifier: value('Database system identifier') as SystemIdentifier,
    state: value('Database cluster state'),
    checkpointTimeline: parseTimelineId(value("Latest checkpoint's TimeLineID")),
    checkpointLsn: parseLsn(value('Latest checkpoint location')),
    minRecoveryEndLsn: parseLsn(value('Minimum recovery ending location')),
    minRecoveryEndTimeline: Number(value("Min recovery ending loc's timeline")),
    rewindPossible: value('Data page checksum version') !== '0' || value('wal_log_hints setting') === 'on',
    walSegmentBytes: Number(value('Bytes per WAL segment')),
  };
}
