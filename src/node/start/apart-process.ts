/** The program that `join-apart.ts` starts: reads one task from standard input, does it, and prints how it ended. */
import module from 'node:module';
import { fileURLToPath } from 'node:url';

// The same folder as in cli/primacy.js: a warm cache spares the start of each join about 100 ms.
module.enableCompileCache?.(fileURLToPath(new URL('../../../node_modules/.cache/primacy', import.meta.url)));
const { main } = await import('./apart-task.ts');
await main();
