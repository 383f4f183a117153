/** Finds the commands of a runbook: fenced blocks opened by "sh on=PLACE", which must be safe on a healthy cluster. */

export interface ShellBlock {
  /** `database`: any database node; `monitoring`: the host of the responder; empty where the block does not say. */
  readonly on: string;
  readonly script: string;
}

/** All sh blocks in their order. Commands that change something stand in console blocks and are not among them. */
export function readShellBlocks(markdown: string): readonly ShellBlock[] {
  return [...markdown.matchAll(/^```sh\b([^\n]*)\n([\s\S]*?)^```$/gm)].map(
    ([, information = '', script = '']) => ({
      on: /^ on=(\S+)$/.exec(information)?.[1] ?? '',
      script,
    }),
  );
}
