/** `primacy journal`: what the responder heard, meant, did and saw. */
import type { Command } from 'commander';
import type { JournalDocument } from '../responder/read/documents.ts';
import { addAskOptions, askResponder, type AskOptions } from './ask/ask-responder.ts';
import { printJson, printLines } from './ask/print.ts';

/** Adds options and action. */
export function configure(command: Command): void {
  addAskOptions(command);
  command
    .option('--limit <count>', 'newest entries to show', '500')
    .addHelpText('after', '\nExample:\n  primacy journal --cluster main --limit 50')
    .action(async (options: AskOptions & { readonly limit: string }) => {
      const document = await askResponder<JournalDocument>('journal', options, { limit: options.limit });
      if (options.json === true) printJson(document);
      else printLines(document.entries.map(describe));
    });
}

function describe(entry: JournalDocument['entries'][number]): string {
  const words = [entry.at, entry.cluster, entry.node, entry.event, entry.step].filter(
    (word) => word !== null,
  );
  const detail = typeof entry.detail === 'string' ? entry.detail : JSON.stringify(entry.detail);
  return `${words.join(' ')}: ${detail}`;
}
