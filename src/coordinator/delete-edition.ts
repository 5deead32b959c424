/** Deletes what a named edition owns, in one commit that leaves a tombstone. */
import { codedError } from '../errors.ts'
import type { Deletion, Ledger, RowChange } from '../ledger/ledger.ts'
import { isMainEdition } from '../wire/cover.ts'
import { allRows } from './all-rows.ts'
import type { EditionDeletion } from './edition-deletion.ts'
import type { Journal } from './journal.ts'
import { checkClientDomain, checkEdition } from './plan-names.ts'
import { BRANCHES, EDITIONS } from './spaces.ts'

/** What deleting needs. */
export type DeletionOptions = { readonly ledger: Ledger; readonly journal: Journal }

/**
 * Deletes the events, snapshots, claims and branch points of an edition. A stream that is written to
 * in the edition again branches off anew, and never gives a sequence a second time.
 *
 * @throws CodedError `MAIN_TIMELINE_PROTECTED`, `EDITION_INVALID`, `DOMAIN_INVALID`,
 * `DOMAIN_RESERVED`
 */
export async function deleteEdition(
  { ledger, journal }: DeletionOptions,
  { edition: name, domain }: EditionDeletion,
): Promise<void> {
  if (isMainEdition(name)) throw codedError('MAIN_TIMELINE_PROTECTED')
  const edition = checkEdition(name)
  if (domain !== undefined) checkClientDomain(domain)
  const domains = domain === undefined ? await domainsOf(ledger, edition) : [domain]
  const deletions = domains.map((one): Deletion => ({ kind: 'edition', domain: one, edition }))
  const rows: RowChange[] = []
  for (const one of domains) {
    for await (const { key } of allRows(ledger, BRANCHES, `${edition}/${one}/`)) {
      rows.push({ kind: 'remove', space: BRANCHES, key, expected: 'any' })
    }
  }
  if (domain === undefined) {
    rows.push({ kind: 'remove', space: EDITIONS, key: edition, expected: 'any' })
  }
  if (deletions.length + rows.length > 0) await journal.commit({ deletions, rows })
}

async function domainsOf(ledger: Ledger, edition: string): Promise<readonly string[]> {
  const domains = new Set<string>()
  for await (const chunk of ledger.streams({ edition })) {
    for (const { domain } of chunk) domains.add(domain)
  }
  return [...domains]
}
