/** Removes data directories that earlier base backups replaced, beyond the number that the configuration keeps. */
import { summarizeSalvage } from '../../../world/files/salvage-summary.ts';
import {
  findReplaced,
  removeReplaced,
  type ReplacedDirectory,
} from '../../../world/postgres/replaced-directories.ts';
import type { ProcedureContext } from '../context.ts';
import type { RunStep } from '../run-step.ts';

/**
 * Called after a verified rejoin. What belongs to a bundle that still waits for a person stays, whatever its age: rows that no bundle can
 * hold can only be looked for there. Never throws for what could not be removed: the journal has it.
 */
export async function pruneReplaced(context: ProcedureContext, step: RunStep): Promise<void> {
  const { postgres, rejoin } = context.cluster;
  const found = await findReplaced(postgres.dataDirectory);
  const superfluous = found.slice(rejoin.keepReplaced);
  if (superfluous.length === 0) return;
  const waiting = await waitingIncidents(context);
  if (waiting === null) return;
  for (const it of superfluous)
    if (!waiting.some((incident) => it.label.startsWith(`${incident}-`)))
      await step(
        'prune-replaced',
        () => removeReplaced(context.runner, it),
        (fault) => describe(it, fault),
      );
}

/** Null where it is not known: then nothing is removed. */
async function waitingIncidents(context: ProcedureContext): Promise<readonly string[] | null> {
  const salvage = await summarizeSalvage(context.paths.salvageDirectory);
  if (salvage.kind === 'unknown') return null;
  return salvage.value.filter((it) => it.waiting).map((it) => it.incident);
}

function describe({ path }: ReplacedDirectory, fault: string | null): string {
  return fault === null ? `removed ${path}` : `cannot remove ${path}: ${fault}`;
}
