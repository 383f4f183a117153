/** Reads keepalived.conf into nested blocks, just enough to check what our safety rests on. */

export interface ConfigurationNode {
  /** The words of the line: keyword first. */
  readonly words: readonly string[];
  readonly children: readonly ConfigurationNode[];
}

/** Parses the text; comments begin with `#` or `!`. Includes and `@` conditions are not followed. */
export function parseConfiguration(text: string): readonly ConfigurationNode[] {
  const root: ConfigurationNode[] = [];
  const open: ConfigurationNode[][] = [root];
  let block: string[] = [];
  const flush = (children: ConfigurationNode[]): void => {
    if (block.length > 0) open.at(-1)?.push({ words: block, children });
    block = [];
  };
  for (const line of text.split('\n')) {
    for (const word of wordsOf(line)) {
      if (word === '{') {
        const children: ConfigurationNode[] = [];
        flush(children);
        open.push(children);
      } else if (word === '}') {
        flush([]);
        if (open.length > 1) open.pop();
      } else block.push(word);
    }
    flush([]);
  }
  return root;
}

/** The first child whose first words are these. */
export function findBlock(
  nodes: readonly ConfigurationNode[],
  ...words: readonly string[]
): ConfigurationNode | undefined {
  return nodes.find((node) => words.every((word, index) => node.words[index] === word));
}

/** Words of a line without its comment; quotation marks hold a word together and are dropped. */
export function wordsOf(line: string): readonly string[] {
  const words: string[] = [];
  for (const match of line.matchAll(/"([^"]*)"|([{}])|[#!].*$|([^\s{}"]+)/g)) {
    const word = match[1] ?? match[2] ?? match[3];
    if (word !== undefined) words.push(word);
  }
  return words;
}
