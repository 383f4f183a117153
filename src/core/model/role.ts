/** What a PostgreSQL server is at this moment; `unknown` is a role of its own, never a cached one. */

export const ROLES = ['primary', 'standby', 'starting', 'down', 'unknown'] as const;
export type Role = (typeof ROLES)[number];
