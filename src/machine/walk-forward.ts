/** The way forward: what is reached when something is finished. */
import type { Place } from './definition-index.ts'
import {
  change,
  close,
  type Draft,
  nodeOf,
  open,
  reachedNode,
  valueAt,
  writableValues,
} from './draft.ts'

/** Reaches a node: a step or a choice is ready, a sequence begins, a group begins all branches. */
export function enter(draft: Draft, from: Place): void {
  let place: Place = from
  while (place.node.kind === 'sequence') {
    const first: Place | undefined = place.children[0]
    if (first === undefined) return leave(draft, place)
    place = first
  }
  const value = valueAt(draft, place)
  const reached = reachedNode(value, draft.at)
  if (place.node.kind !== 'parallel') {
    draft.nodes[place.number] = reached
    open(draft, place)
    return
  }
  const remaining = place.children.length
  draft.nodes[place.number] = { ...reached, status: 'begun', remaining }
  for (const branch of place.children) writableValues(draft).set(branch.line, value)
  for (const branch of place.children) enter(draft, branch)
  if (remaining === 0) startJoining(draft, place)
}

/** A node has come to its end: on with what comes behind it. */
export function leave(draft: Draft, from: Place): void {
  let place = from
  for (let parent = place.parent; parent !== undefined; parent = place.parent) {
    if (parent.node.kind === 'sequence') {
      const next = parent.children[place.position + 1]
      if (next !== undefined) return enter(draft, next)
    } else if (parent.node.kind === 'parallel') {
      const remaining = (nodeOf(draft, parent)?.remaining ?? 1) - 1
      change(draft, parent, { remaining })
      if (remaining === 0) startJoining(draft, parent)
      return
    }
    place = parent
  }
  close(draft, place)
  draft.state.forward = 'completed'
}

function startJoining(draft: Draft, place: Place): void {
  change(draft, place, { status: 'joining' })
  draft.hasJoining = true
  open(draft, place)
}
