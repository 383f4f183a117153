/** keepalived's JSON: what it says of one VRRP instance, read strictly. */
import { VRRP_STATES, type VrrpState } from '../../core/model/observation.ts';
import { PrimacyError } from '../../core/model/primacy-error.ts';

/** One VRRP instance as keepalived 2.2.7 dumps it (vrrp_json.c); only the fields we use. */
export interface KeepalivedData {
  readonly state: VrrpState;
  readonly effectivePriority: number;
  /** Seconds since 1970. */
  readonly lastTransition: number;
  readonly advertisementsReceived: number;
  readonly advertisementsSent: number;
  readonly becameMaster: number;
  readonly releasedMaster: number;
  readonly errors: Readonly<Record<VrrpErrorKind, number>>;
  /** When the file was written, seconds since 1970 on this host. */
  readonly writtenAt: number;
}

export const VRRP_ERROR_KINDS = ['authentication', 'address_list', 'interval', 'packet'] as const;
export type VrrpErrorKind = (typeof VRRP_ERROR_KINDS)[number];

interface DumpedInstance {
  readonly data: Readonly<Record<string, unknown>>;
  readonly stats: Readonly<Record<string, unknown>>;
}

/** Finds one instance in the dump. Throws `output-invalid` where it is missing or a field is not what it should be. */
export function parseKeepalivedJson(text: string, instance: string, writtenAt: number): KeepalivedData {
  const dump: unknown = JSON.parse(text);
  const found = Array.isArray(dump)
    ? (dump as readonly DumpedInstance[]).find((it) => it.data['iname'] === instance)
    : undefined;
  if (found === undefined)
    throw new PrimacyError(
      'output-invalid',
      `cannot read keepalived's JSON: no instance ${JSON.stringify(instance)}`,
    );
  const data = (name: string): number => numberIn(found.data, name);
  const stat = (name: string): number => numberIn(found.stats, name);
  const state = VRRP_STATES[data('state')];
  if (state === undefined)
    throw new PrimacyError('output-invalid', `cannot read keepalived's JSON: state ${data('state')}`);
  return {
    state,
    effectivePriority: data('effective_priority'),
    lastTransition: data('last_transition'),
    advertisementsReceived: stat('advert_rcvd'),
    advertisementsSent: stat('advert_sent'),
    becameMaster: stat('become_master'),
    releasedMaster: stat('release_master'),
    errors: {
      authentication: stat('auth_failure') + stat('authtype_mismatch') + stat('invalid_authtype'),
      address_list: stat('addr_list_err'),
      interval: stat('advert_interval_err'),
      packet: stat('packet_len_err') + stat('ip_ttl_err') + stat('invalid_type_rcvd'),
    },
    writtenAt,
  };
}

function numberIn(fields: Readonly<Record<string, unknown>>, name: string): number {
  const value = fields[name];
  if (typeof value !== 'number')
    throw new PrimacyError('output-invalid', `cannot read keepalived's JSON: ${name} is not a number`);
  return value;
}
