/** `primacy responder`: runs the program on the monitoring host in the foreground. */
import type { Command } from 'commander';
import { loadConfig } from '../config/load.ts';
import { paths } from '../config/paths.ts';
import { runResponder } from '../responder/responder.ts';

/** Adds options and action. */
export function configure(command: Command): void {
  command
    .option('--config <file>', 'configuration file', paths.config)
    .addHelpText('after', '\nExample:\n  primacy responder --config /etc/primacy/primacy.yml')
    .action(async (options: { readonly config: string }) => {
      const config = await loadConfig(options.config);
      const stop = new AbortController();
      for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort());
      await runResponder(config, stop.signal);
      // A step may still wait for its node. Its intent is journaled: the next start takes it up, as after a crash.
      process.exit(0);
    });
}
