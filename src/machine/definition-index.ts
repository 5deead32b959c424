/** Where every node of a definition stands, found out once per definition. */
import type { Definition, Node, Path } from './definition.ts'

/** A node with its surroundings. */
export type Place = {
  readonly node: Node
  /** Counts the nodes of the definition in the order in which they are written. */
  readonly number: number
  readonly parent: Place | undefined
  /** The index among the children of its parent. */
  readonly position: number
  readonly depth: number
  /** The line of work it belongs to: the path of the branch of a group it is in, '' for none. */
  readonly line: Path
  /** The keys of the actions of first attempts: nearly all there are. */
  readonly firstRun: string
  readonly firstUndo: string
  /** Nodes of a sequence, branches of a group; of a conditional the `otherwise` comes last. */
  readonly children: readonly Place[]
}

/** See {@link indexOf}. */
export type DefinitionIndex = {
  readonly root: Place
  readonly places: readonly Place[]
  readonly byPath: ReadonlyMap<Path, Place>
  readonly pivot: Place | undefined
  /** The states of the nodes before any of them is reached: to be copied. */
  readonly unreached: readonly undefined[]
}

const indexes = new WeakMap<Definition, DefinitionIndex>()

/** The index of a definition; made at the first call. */
export function indexOf(definition: Definition): DefinitionIndex {
  let index = indexes.get(definition)
  if (index === undefined) {
    index = makeIndex(definition)
    indexes.set(definition, index)
  }
  return index
}

function makeIndex(definition: Definition): DefinitionIndex {
  const places: Place[] = []
  const byPath = new Map<Path, Place>()
  const add = (node: Node, parent: Place | undefined, position: number): Place => {
    const children: Place[] = []
    const isBranch = parent?.node.kind === 'parallel'
    const line = isBranch ? node.path : (parent?.line ?? '')
    const depth = parent === undefined ? 0 : parent.depth + 1
    const firstRun = `run:${node.path}:1`
    const firstUndo = `undo:${node.path}:1`
    const number = places.length
    const place = { node, number, parent, position, depth, line, firstRun, firstUndo, children }
    places.push(place)
    byPath.set(node.path, place)
    childrenOf(node).forEach((child, at) => children.push(add(child, place, at)))
    return place
  }
  const root = add(definition.root, undefined, 0)
  const pivot = places.find(({ node }) => node.kind === 'step' && node.mode === 'pivot')
  return { root, places, byPath, pivot, unreached: places.map(() => undefined) }
}

/** The nodes right below one. */
export function childrenOf(node: Node): readonly Node[] {
  switch (node.kind) {
    case 'step':
      return []
    case 'sequence':
      return node.nodes
    case 'parallel':
      return node.branches
    case 'conditional':
      return node.otherwise === undefined ? node.branches : [...node.branches, node.otherwise]
  }
}

/** The group of branches in which two different places run side by side, if they do. */
export function commonGroup(one: Place, other: Place): Place | undefined {
  let a: Place | undefined = one
  let b: Place | undefined = other
  while (a !== undefined && b !== undefined && a !== b) {
    if (a.depth > b.depth) a = a.parent
    else if (b.depth > a.depth) b = b.parent
    else {
      a = a.parent
      b = b.parent
    }
  }
  return a?.node.kind === 'parallel' ? a : undefined
}
