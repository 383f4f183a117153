/** The header of a WAL record (PostgreSQL `xlogrecord.h`): enough to tell a checkpoint from anything else. */

/** xl_tot_len, xl_xid, xl_prev, xl_info, xl_rmid, padding, xl_crc. */
export const RECORD_HEADER_BYTES = 24;
const INFO_OFFSET = 16;
const MANAGER_OFFSET = 17;
const MANAGER_XLOG = 0;
/** XLOG_CHECKPOINT_SHUTDOWN and XLOG_CHECKPOINT_ONLINE; the low four bits are not the manager's. */
const CHECKPOINTS = new Set([0x00, 0x10]);
/** A checkpoint's record is longer than its header and has no page in it. */
const LENGTH_MAX = 512;

/** Whether these bytes begin a checkpoint record; false for a shorter piece, and for zeros. */
export function isCheckpointHeader(bytes: Uint8Array): boolean {
  if (bytes.length < RECORD_HEADER_BYTES) return false;
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const info = (bytes[INFO_OFFSET] ?? 0) & 0xf0;
  return (
    length > RECORD_HEADER_BYTES &&
    length < LENGTH_MAX &&
    bytes[MANAGER_OFFSET] === MANAGER_XLOG &&
    CHECKPOINTS.has(info)
  );
}
