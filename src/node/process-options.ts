/** How the agent's process is kept small; `primacy agent` gives itself these, so that whoever starts it need not know. */

/**
 * Options for Node. The heap limit is several times what the agent uses, so that reaching it means a leak, and ends the process
 * for its supervisor to restart. No optimising compilers and one helper thread: about 20 MB less for less than a millisecond
 * more CPU a scrape. With all of it the agent had 73 MB after 10,000 scrapes and 76 MB an hour later (`npm run bench -- scrape`).
 */
export const AGENT_NODE_OPTIONS: readonly string[] = [
  '--max-semi-space-size=1',
  '--max-old-space-size=48',
  '--no-opt',
  '--no-maglev',
  '--no-sparkplug',
  '--v8-pool-size=1',
];

/** One arena for the C library's allocator, which gives freed memory back: the agent's threads only read small files. */
export const AGENT_ENVIRONMENT: Readonly<Record<string, string>> = {
  MALLOC_ARENA_MAX: '1',
  MALLOC_TRIM_THRESHOLD_: '131072',
};
