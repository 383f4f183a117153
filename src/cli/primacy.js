#!/usr/bin/env node
// The executable. Plain JavaScript, so that a Node too old for TypeScript gets a sentence instead of a syntax error.
import module from 'node:module';
import { fileURLToPath } from 'node:url';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(`primacy needs Node 22.18 or later, this is ${process.versions.node}\n`);
  process.exit(69);
}
// Beside the dependencies and not in /tmp: every lab host shares it, and a warm cache spares each start the TypeScript
// stripper (about 100 ms and 15 MB). Where the folder cannot be written, Node goes on without it.
module.enableCompileCache?.(fileURLToPath(new URL('../../node_modules/.cache/primacy', import.meta.url)));
// Set by `primacy agent` when it becomes the agent's process, which must not load the command line's libraries again.
const program = process.env['PRIMACY_AGENT_SETTINGS'] === undefined ? './main.ts' : './agent-process.ts';
const { main } = await import(program);
await main(process.argv.slice(2));
