/** Branded names, so that a node's name cannot be passed where a cluster's is wanted. */

export type NodeName = string & { readonly __brand: 'NodeName' };
export type ClusterName = string & { readonly __brand: 'ClusterName' };
/** Identifier that initdb gave the cluster; text because it exceeds 2^53. */
export type SystemIdentifier = string & { readonly __brand: 'SystemIdentifier' };
/** Milliseconds since 1970 on the clock of the host that says it. For display and age on the same host only. */
export type EpochMillis = number & { readonly __brand: 'EpochMillis' };
/** Identifier of one remediation, made by the responder. */
export type RemediationId = string & { readonly __brand: 'RemediationId' };
/** Grows with each remediation of a cluster; a node refuses a smaller one than it has seen. */
export type FenceNumber = number & { readonly __brand: 'FenceNumber' };
