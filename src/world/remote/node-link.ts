/** How the responder asks a node for something, whatever lies between them; three outcomes, because a lost reply is neither yes nor no. */
import type { NodeName } from '../../core/model/names.ts';
import type { NodeRequest, NodeVerb, ReplyOf } from './protocol.ts';

/** `failed`: the node said so, or was certainly never asked (`unreachable`). `unknown`: it may have acted; look before asking again. */
export type Answer<V extends NodeVerb> =
  | { readonly kind: 'done'; readonly result: ReplyOf[V] }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string }
  | { readonly kind: 'unknown'; readonly reason: string };

export type RequestOf<V extends NodeVerb> = Extract<NodeRequest, { readonly verb: V }>;

export interface NodeLink {
  /** Never rejects; answers within `timeoutMs` (connecting included). */
  readonly ask: <V extends NodeVerb>(
    node: NodeName,
    request: RequestOf<V>,
    timeoutMs: number,
  ) => Promise<Answer<V>>;
  /** Makes missing connections now, so that the first urgent request finds one. */
  readonly warmUp: () => Promise<void>;
  readonly close: () => void;
}
