/** Ending cascades: what has been stored in their name is seen by everybody, or by nobody. */

/** Whether somebody still works in the name of a cascade. */
export type CascadeOwner = (cascadeId: string) => Promise<boolean>

/** How a cascade stands; one that nobody knows is open. */
export type CascadeState = 'open' | 'reserved' | 'committed' | 'rolled-back'

/** Ends cascades by their ids. */
export interface Cascades {
  /** Whether a cascade takes pages, and else why not. @throws CodedError as `reserve` for its id */
  state(cascadeId: string): Promise<CascadeState>
  /**
   * Pins every pending page of a cascade (Minos: `reserve` of a transaction): it takes no more pages,
   * and nothing but `commit` or `rollback` ends it any more, however long that takes. A cascade
   * without pages agrees too. Doing it twice is fine, also after `commit`.
   *
   * Nobody else can have changed what the pages change: every command is tested against what others
   * have pending before it is stored.
   *
   * @returns the streams that have pages
   * @throws CodedError `CASCADE_RESOLVED` when it was rolled back, `REQUEST_INCOMPLETE` without an id,
   * `CORRELATION_ID_INVALID` for one that cannot be one
   */
  reserve(cascadeId: string): Promise<number>
  /**
   * Confirms every pending page of a cascade (Angzarr: `CascadeCommit`); doing it twice is fine.
   *
   * @returns the streams that had pages
   * @throws CodedError `CASCADE_RESOLVED` when it was rolled back, `REQUEST_INCOMPLETE` without an id,
   * `CORRELATION_ID_INVALID` for one that cannot be one
   */
  commit(cascadeId: string): Promise<number>
  /**
   * Revokes every pending page of a cascade (Angzarr: `CascadeRollback`); doing it twice is fine.
   *
   * @returns the streams that had pages
   * @throws CodedError `CASCADE_RESOLVED` when it was committed, `REQUEST_INCOMPLETE` without an id,
   * `CORRELATION_ID_INVALID` for one that cannot be one
   */
  rollback(cascadeId: string, reason: string): Promise<number>
  /**
   * Rolls back every cascade that has pages which are pending for too long, unless they are pinned or
   * somebody owns it.
   *
   * @returns how many cascades it has rolled back
   */
  reap(): Promise<number>
  /** Has an owner asked before a cascade is reaped, until what is returned is disposed. */
  ownedBy(owner: CascadeOwner): Disposable
}
