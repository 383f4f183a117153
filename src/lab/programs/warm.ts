/** Loads what `primacy node` loads for its procedures, and ends: Node's compile cache has it then, as it has for an installed package. */
import { flushCompileCache } from 'node:module';

await Promise.all([
  import('../../node/observe.ts'),
  import('../../node/procedures/account.ts'),
  import('../../node/procedures/fence.ts'),
  import('../../node/procedures/rejoin.ts'),
  import('../../node/procedures/release-vip.ts'),
  import('../../node/procedures/run-request.ts'),
  import('../../node/start/apart-task.ts'),
  import('../../node/start/follow.ts'),
  import('../../node/start/join.ts'),
  import('../../world/remote/protocol.ts'),
]);
flushCompileCache();
