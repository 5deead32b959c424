/** Ending cascades: what has been stored in their name is seen by everybody, or by nobody. */

/** Ends cascades by their ids. */
export interface Cascades {
  /**
   * Confirms every pending page of a cascade (Angzarr: `CascadeCommit`); doing it twice is fine.
   *
   * @returns the streams that had pages
   * @throws CodedError `CASCADE_RESOLVED` when it was rolled back, `REQUEST_INCOMPLETE` without an id
   */
  commit(cascadeId: string): Promise<number>
  /**
   * Revokes every pending page of a cascade (Angzarr: `CascadeRollback`); doing it twice is fine.
   *
   * @returns the streams that had pages
   * @throws CodedError `CASCADE_RESOLVED` when it was committed, `REQUEST_INCOMPLETE` without an id
   */
  rollback(cascadeId: string, reason: string): Promise<number>
  /** Rolls back every cascade that has pages which are pending for too long. */
  reap(): Promise<number>
}
