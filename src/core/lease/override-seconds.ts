/** How long a person may overrule the voters for. */

/** Long enough to be promoted, and short enough that nobody forgets that one node alone decides. */
export const OVERRIDE_SECONDS = { least: 60, usual: 3_600, most: 86_400 } as const;
