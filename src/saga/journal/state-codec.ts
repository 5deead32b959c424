/**
 * The state of an execution as the snapshot of its stream. The journal stays the truth: a snapshot
 * that cannot be used is not, and the journal is read from its beginning.
 */
import { create } from '@bufbuild/protobuf'
import type { Definition, Path } from '../../machine/definition.ts'
import { indexOf } from '../../machine/definition-index.ts'
import type { Failure } from '../../machine/journal.ts'
import { NodeTable } from '../../machine/node-table.ts'
import type { AddedUndo, ExecutionState, NodeState, UndoState } from '../../machine/state.ts'
import { ExecutionSnapshotSchema } from '../../proto/amends/saga/v1/execution_pb.ts'
import { ValueSchema } from '../../proto/amends/saga/v1/journal_pb.ts'
import { messageCodec } from '../../wire/message-codec.ts'
import { decodeValue } from '../../wire/values/decode-value.ts'
import { encodeValues } from '../../wire/values/encode-value.ts'

/** Goes up whenever states of the machine look different. */
const SHAPE = 1

const snapshots = messageCodec(ExecutionSnapshotSchema)

/**
 * The bytes of a state, without the errors behind its failures. They may be more than one page
 * holds: look at the length before storing them.
 *
 * @throws CodedError `VALUE_NOT_STORABLE`
 */
export function encodeState(state: ExecutionState): Uint8Array {
  const data = encodeValues({
    ...state,
    failure: withoutError(state.failure),
    nodes: Array.from(state.nodes, ([path, node]) => [path, storedNode(node)]),
  })
  const value = create(ValueSchema, { data })
  return snapshots.encode(create(ExecutionSnapshotSchema, { shape: SHAPE, state: value }))
}

/**
 * The state in a snapshot; `undefined` when it cannot be used: damaged, of another shape, or of an
 * execution whose nodes this definition does not have.
 */
export function decodeState(definition: Definition, bytes: Uint8Array): ExecutionState | undefined {
  try {
    const { shape, state } = snapshots.decode(bytes)
    if (shape !== SHAPE || state === undefined || state.format !== 0) return undefined
    // Only encodeState makes values of this shape, and its version has just been compared.
    const stored = decodeValue(state.data) as StoredState
    const nodes = tableOf(definition, stored.nodes)
    if (nodes === undefined) return undefined
    return { ...stored, parent: stored.parent, failure: stored.failure, nodes }
  } catch {
    return undefined
  }
}

type StoredState = Omit<ExecutionState, 'nodes'> & {
  readonly nodes: readonly (readonly [Path, NodeState])[]
}

function tableOf(definition: Definition, nodes: StoredState['nodes']): NodeTable | undefined {
  const index = indexOf(definition)
  const list: (NodeState | undefined)[] = index.places.map(() => undefined)
  for (const [path, node] of nodes) {
    const place = index.byPath.get(path)
    if (place === undefined) return undefined
    list[place.number] = { ...node, undo: node.undo }
  }
  return new NodeTable(index, list)
}

function storedNode(node: NodeState): NodeState {
  return {
    ...node,
    failure: withoutError(node.failure),
    undo: storedUndo(node.undo),
    added: node.added.map(storedAddedUndo),
  }
}

function storedAddedUndo(added: AddedUndo): AddedUndo {
  const undo = storedUndo(added.undo)
  return undo === undefined ? added : { ...added, undo }
}

function storedUndo(undo: UndoState | undefined): UndoState | undefined {
  return undo === undefined ? undefined : { ...undo, failure: withoutError(undo.failure) }
}

function withoutError(failure: Failure | undefined): Failure | undefined {
  if (failure?.error === undefined) return failure
  const { path, outcome, code, message } = failure
  return { path, outcome, code, message }
}
