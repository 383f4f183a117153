/** Takes a node lock, says so, and keeps it; with `--hand-on` it starts a `sleep` that inherits the lock and says its pid. */
import { localRunner } from '../../src/world/remote/local-runner.ts';
import { takeNodeLock } from '../../src/world/files/node-lock.ts';

const [path = '', option] = process.argv.slice(2);
const lock = takeNodeLock(path, 'rejoin');
if (option === '--hand-on') {
  const script = 'echo "$$" > "$1.pid.tmp" && mv "$1.pid.tmp" "$1.pid" && exec sleep 120';
  void localRunner.run({
    program: 'sh',
    arguments: ['-c', script, 'sh', path],
    timeoutMs: 120_000,
    inheritedDescriptors: [lock.descriptor],
  });
}
process.stdout.write('locked\n');
setInterval(() => undefined, 60_000);
