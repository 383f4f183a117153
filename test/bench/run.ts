/** `npm run bench -- NAME`: runs one measurement by name; each compares with something else in the same run. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** A bench runs as root in namespaces of its own, so that its addresses and daemons never meet the machine's. */
const BENCHES: Readonly<Record<string, string>> = {
  account: 'account.ts',
  fork: 'fork.ts',
  scrape: 'scrape.ts',
  'rejoin-kills': 'rejoin-kills.ts',
};

const [name, ...parameters] = process.argv.slice(2);
const file = name === undefined ? undefined : BENCHES[name];
if (file === undefined) {
  process.stderr.write(`usage: npm run bench -- ${Object.keys(BENCHES).join('|')} [OPTION…]\n`);
  process.exit(64);
}
const unshare = ['--net', '--mount', '--pid', '--ipc', '--uts', '--fork', '--kill-child', '--mount-proc'];
const script = fileURLToPath(new URL(file, import.meta.url));
// A shell as process 1 reaps the daemons' orphans; without the second command it would replace itself by Node.
const reaper = ['sh', '-c', '"$@"; exit $?', 'sh'];
const result = spawnSync('unshare', [...unshare, ...reaper, process.execPath, script, ...parameters], {
  stdio: 'inherit',
});
process.exitCode = result.status ?? 1;
