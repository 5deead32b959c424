/**
 * The port of large payloads: bytes that are kept beside the ledger, under the hash of what they are
 * (Angzarr: payload offloading, the claim check).
 *
 * 1. A payload that was put is on disk before `put` resolves, and is found by what it answered.
 * 2. What is read is what was put, checked by length and hash; anything else is an error.
 * 3. Putting the same bytes again is putting them once, and keeps them from being swept.
 */
import type { Nanoseconds } from '../../clock.ts'
import type { PayloadReference } from '../../proto/angzarr_client/proto/angzarr/types_pb.ts'

/** Which payloads are swept away. */
export type SweepOptions = {
  /** Those that were put last before this time. */
  readonly putBefore: Nanoseconds
  /** Asked for each of them by its hash, lower-case hex; what is needed stays. */
  readonly isNeeded: (hash: string) => Promise<boolean>
}

/** Keeps payloads. */
export interface PayloadStore {
  /**
   * Keeps a payload; answers what stands for it in its page.
   *
   * @throws CodedError `PAYLOAD_STORE_FULL`, `PAYLOAD_STORE_FAILED`; nothing can be found then
   */
  put(payload: Uint8Array): Promise<PayloadReference>
  /** The payload. @throws CodedError `PAYLOAD_RETRIEVAL_FAILED` */
  get(reference: PayloadReference): Promise<Uint8Array>
  /** Removes what nobody needs any more; answers how many payloads that were. */
  sweep(options: SweepOptions): Promise<number>
}
