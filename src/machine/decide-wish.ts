/** What people and other systems wish: signals, cancellation, undoing later, the four verbs. */
import { type Deciding, record } from './decision.ts'
import { nodeOf, placeOf } from './draft.ts'
import { isPastPivot } from './due-times.ts'
import type { Told } from './input.ts'
import { kindOfItem } from './kind-of-item.ts'
import { verbsFor } from './work-items.ts'

type Wish = Extract<Told, { readonly kind: 'signal' | 'cancel' | 'compensate' | 'resolve' }>

/** Decides a wish, or says why it is refused. */
export function decideWish(deciding: Deciding, input: Wish): void {
  const { draft } = deciding
  const { state, at } = draft
  const more = { at, begins: [], turns: undefined }
  switch (input.kind) {
    case 'signal': {
      if (state.forward !== 'running') return refuse(deciding, 'ENDED')
      const { signal, data } = input
      return record(deciding, { kind: 'signalled', signal, data, ...more })
    }
    case 'cancel':
      if (state.forward !== 'running') return refuse(deciding, 'ENDED')
      if (isPastPivot(state, draft.index)) return refuse(deciding, 'PAST_PIVOT')
      return record(deciding, { kind: 'cancelled', reason: input.reason, ...more })
    case 'compensate':
      if (state.forward !== 'completed') return refuse(deciding, 'NOT_COMPLETED')
      // Asked once more, it is under way or done already.
      if (state.unwinding) return
      if (isPastPivot(state, draft.index)) return refuse(deciding, 'PAST_PIVOT')
      return record(deciding, { kind: 'compensation-requested', reason: input.reason, ...more })
    case 'resolve':
      return decideResolve(deciding, input)
  }
}

function decideResolve(
  deciding: Deciding,
  input: Extract<Wish, { readonly kind: 'resolve' }>,
): void {
  const { draft } = deciding
  const place = placeOf(draft, input.path)
  const node = place === undefined ? undefined : nodeOf(draft, place)
  if (place === undefined || node === undefined) return refuse(deciding, 'NO_SUCH_ITEM')
  const added =
    input.added ??
    (kindOfItem(draft, place, node, -1) === undefined
      ? node.added.findLastIndex(({ undo }) => undo?.status === 'stuck')
      : -1)
  const item = kindOfItem(draft, place, node, added)
  if (item === undefined) return refuse(deciding, 'NO_SUCH_ITEM')
  const { path, verb, by, reason, data, undo } = input
  const isNamed = verb !== 'replace' || (undo !== undefined && undo !== '')
  if (!isNamed || !verbsFor(item, place.node, draft.state).includes(verb)) {
    return refuse(deciding, 'VERB_NOT_ALLOWED')
  }
  const which = added < 0 ? undefined : added
  const what = { path, verb, by, reason, data, undo, added: which }
  const more = { at: draft.at, begins: [], turns: undefined }
  record(deciding, { kind: 'resolved', ...what, ...more })
}

function refuse(deciding: Deciding, because: NonNullable<Deciding['refused']>): void {
  deciding.refused = because
}
