/** Takes a lab down when the command that owns it is told to end. */
import { errorText } from '../core/model/primacy-error.ts';
import { labDown } from './down.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** What a shell reports for a program that was interrupted. */
const INTERRUPTED = 130;

/** Ends this process, after taking the lab down, on a signal that asks it to end. Returns how to stop listening. */
export function downOnSignal(lab: string): () => void {
  const end = (): void => {
    labDown(lab)
      .catch((error: unknown) => process.stderr.write(`primacy: ${errorText(error)}\n`))
      .finally(() => process.exit(INTERRUPTED));
  };
  for (const signal of SIGNALS) process.once(signal, end);
  return () => {
    for (const signal of SIGNALS) process.off(signal, end);
  };
}
