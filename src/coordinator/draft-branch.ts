/** What the commit of a decision holds because its stream branches off the main timeline. */
import type { Condition, RowChange } from '../ledger/ledger.ts'
import type { Edition } from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { type Branch, branchKey, mainOf, putBranch, putEdition } from './branches.ts'
import type { Mailbox } from './mailbox.ts'
import { BRANCHES } from './spaces.ts'

/** The version of a row that was offered and whose commit is not known yet. */
export const UNDER_WAY = -1

/**
 * What the decision rests on: where the main timeline stood, or that the branch is the one that was
 * read; an edition that was deleted meanwhile is read again.
 */
export function branchConditions(mailbox: Mailbox, branch: Branch): readonly Condition[] {
  const { version, named, at } = branch
  if (version === UNDER_WAY) return []
  if (version !== undefined) {
    return [{ kind: 'row', space: BRANCHES, key: branchKey(mailbox.key), version }]
  }
  return named ? [] : [{ kind: 'stream', key: mainOf(mailbox.key), next: at }]
}

/** The rows that fix the branch, written with the first event. */
export function branchRows(
  mailbox: Mailbox,
  branch: Branch,
  edition: Edition | undefined,
): readonly RowChange[] {
  if (branch.version !== undefined) return []
  const named = edition !== undefined && edition.divergences.length > 0 ? [putEdition(edition)] : []
  return [putBranch(mailbox.key, branch.at), ...named]
}
