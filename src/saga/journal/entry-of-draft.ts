/** Makes the entry once its fields have been read. Absent fields mean what zeros mean. */
import type { Entry, Failure, Found, Turn } from '../../machine/journal.ts'
import type { EntryDraft } from './entry-draft.ts'

const NO_FAILURE: Failure = Object.freeze({ path: '', outcome: 'failed', code: '', message: '' })

/** The entry of a draft. */
export function entryOfDraft(draft: EntryDraft): Entry {
  const entry = withoutTurn(draft)
  // Made just now and not handed out yet, so that it can still be filled.
  if (draft.turns !== undefined) (entry as { turns?: Turn }).turns = draft.turns
  return entry
}

function withoutTurn(draft: EntryDraft): Entry {
  const { kind, at, begins, path, attempt, change } = draft
  switch (kind) {
    case 'started':
      return started(draft)
    case 'succeeded': {
      const { services } = draft
      return services === undefined
        ? { kind, path, attempt, change, at, begins }
        : { kind, path, attempt, change, services, at, begins }
    }
    case 'undone':
      return { kind, path, attempt, change, at, begins }
    case 'failed':
      return failed(draft)
    case 'undo-failed': {
      const { failure = NO_FAILURE, again } = draft
      const entry = { kind, path, attempt, failure, at, begins }
      return again === undefined ? entry : { ...entry, again }
    }
    case 'prepared':
    case 'resumed':
      return { kind, path, direction: draft.direction, at, begins }
    case 'chosen':
      return { kind, path, branch: draft.branch, at, begins }
    case 'probed': {
      const { again } = draft
      const entry = { kind, path, attempt, found: found(draft), at, begins }
      return again === undefined ? entry : { ...entry, again }
    }
    case 'timed-out':
      return { kind, path, failure: draft.failure ?? NO_FAILURE, at, begins }
    case 'child': {
      const { forward, backward, failure } = draft
      const entry = { kind, path, forward, backward, change, at, begins }
      return failure === undefined ? entry : { ...entry, failure }
    }
    case 'joined': {
      const { failure } = draft
      return failure === undefined
        ? { kind, path, at, begins }
        : { kind, path, failure, at, begins }
    }
    case 'undo-added':
      return { kind, path, name: draft.name, data: draft.value?.value, at, begins }
    case 'signalled':
      return { kind, signal: draft.name, data: draft.value?.value, at, begins }
    case 'deadline-passed':
      return { kind, at, begins }
    case 'cancelled':
    case 'compensation-requested':
      return { kind, reason: draft.text, at, begins }
    case 'resolved':
      return resolved(draft)
  }
}

function started(draft: EntryDraft): Entry {
  const { at, begins, id, definition, fingerprint, parent, correlationId } = draft
  const input = draft.value?.value
  const entry = {
    kind: 'started',
    id,
    definition,
    fingerprint,
    input,
    correlationId,
    at,
    begins,
  } as const
  return parent === undefined ? entry : { ...entry, parent }
}

function failed(draft: EntryDraft): Entry {
  const { at, begins, path, attempt, failure = NO_FAILURE, happened, again, services } = draft
  return {
    kind: 'failed',
    path,
    attempt,
    failure,
    happened,
    ...(again === undefined ? {} : { again }),
    ...(services === undefined ? {} : { services }),
    at,
    begins,
  }
}

function found(draft: EntryDraft): Found {
  const { found: kind, change } = draft
  return kind === 'happened' ? { kind, change } : { kind }
}

function resolved(draft: EntryDraft): Entry {
  const { at, begins, path, verb, name: by, text: reason, value, undo, added } = draft
  return {
    kind: 'resolved',
    path,
    verb,
    by,
    reason,
    ...(value === undefined ? {} : { data: value.value }),
    ...(undo === undefined ? {} : { undo }),
    ...(added === undefined ? {} : { added }),
    at,
    begins,
  }
}
