/** The states of the nodes of one execution, by path: an array under the numbers of the index. */
import type { Path } from './definition.ts'
import type { DefinitionIndex } from './definition-index.ts'
import type { NodeState } from './state.ts'

/** A map from paths to states that is copied in no time: also of a thousand steps. */
export class NodeTable implements ReadonlyMap<Path, NodeState> {
  readonly #index: DefinitionIndex
  /** By the number of the node; nobody writes into it once the decision is made. */
  readonly list: readonly (NodeState | undefined)[]

  constructor(index: DefinitionIndex, list: readonly (NodeState | undefined)[]) {
    this.#index = index
    this.list = list
  }

  get size(): number {
    return this.list.reduce((sum, node) => (node === undefined ? sum : sum + 1), 0)
  }

  get(path: Path): NodeState | undefined {
    const place = this.#index.byPath.get(path)
    return place === undefined ? undefined : this.list[place.number]
  }

  has(path: Path): boolean {
    return this.get(path) !== undefined
  }

  *entries(): MapIterator<[Path, NodeState]> {
    for (const place of this.#index.places) {
      const node = this.list[place.number]
      if (node !== undefined) yield [place.node.path, node]
    }
  }

  *keys(): MapIterator<Path> {
    for (const [path] of this.entries()) yield path
  }

  *values(): MapIterator<NodeState> {
    for (const [, node] of this.entries()) yield node
  }

  [Symbol.iterator](): MapIterator<[Path, NodeState]> {
    return this.entries()
  }

  forEach(
    callback: (node: NodeState, path: Path, map: ReadonlyMap<Path, NodeState>) => void,
  ): void {
    for (const [path, node] of this.entries()) callback(node, path, this)
  }
}
