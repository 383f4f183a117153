#!/usr/bin/env node
// The executable. Plain JavaScript, so that a Node too old for TypeScript gets a sentence instead of a syntax error.
import module from 'node:module';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(`primacy needs Node 22.18 or later, this is ${process.versions.node}\n`);
  process.exit(69);
}
module.enableCompileCache?.();
const { main } = await import('./main.ts');
await main(process.argv.slice(2));
