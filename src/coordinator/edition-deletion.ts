/** Which part of a named edition to delete. */

/** See the top of this file. */
export type EditionDeletion = {
  /** Name of the edition; the main timeline is refused under every alias. */
  readonly edition: string
  /** Default: every domain that the edition has events in. */
  readonly domain?: string | undefined
}
