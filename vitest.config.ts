/** One test project per layer, so that `check` stays fast and the lab runs alone. */
import { defineConfig, type ViteUserConfig } from 'vitest/config';

const project = (name: string, timeoutMs: number, serial: boolean) => ({
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`],
    testTimeout: timeoutMs,
    hookTimeout: timeoutMs,
    ...(serial ? { fileParallelism: false } : {}),
  },
});

const config: ViteUserConfig = defineConfig({
  test: {
    // Integration tests mostly wait for disks: two files at a time, each with servers, folders and ports of its own.
    maxWorkers: 2,
    projects: [
      project('unit', 5_000, false),
      project('property', 30_000, false),
      project('rules', 30_000, false),
      project('tidy', 30_000, false),
      project('integration', 60_000, false),
      project('simulation', 300_000, false),
      project('lab', 300_000, true),
    ],
  },
});
export default config;
