/** Tells versions of a definition apart, so that an execution goes on only with the one it knows. */
import type { Definition, Node } from './definition.ts'
import { childrenOf } from './definition-index.ts'

/**
 * The fingerprint of a definition: sixteen hexadecimal digits over its name and version, how values
 * flow, and the paths and kinds of its nodes in order, the pivot and what has an undo among them.
 * What changes only how often or how long something is tried is not in it.
 */
export function fingerprintOf(definition: Definition): string {
  const { name, version, values, root } = definition
  return hashOf(JSON.stringify([name, version, values, shapeOf(root)]))
}

type Shape = readonly (string | readonly Shape[])[]

function shapeOf(node: Node): Shape {
  const children = childrenOf(node).map(shapeOf)
  switch (node.kind) {
    case 'step':
      return [
        'step',
        node.path,
        node.does,
        node.mode,
        node.undo,
        node.signal ?? '',
        node.definition ?? '',
      ]
    case 'sequence':
      return ['sequence', node.path, children]
    case 'parallel':
      return ['parallel', node.path, node.join, children]
    case 'conditional':
      return ['conditional', node.path, node.otherwise === undefined ? '' : 'otherwise', children]
  }
}

/** FNV-1a with 64 bits over the UTF-16 units of a text, in two halves of each unit. */
function hashOf(text: string): string {
  let hash = OFFSET_BASIS
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    hash = BigInt.asUintN(64, (hash ^ BigInt(unit & 0xff)) * PRIME)
    hash = BigInt.asUintN(64, (hash ^ BigInt(unit >> 8)) * PRIME)
  }
  return hash.toString(16).padStart(16, '0')
}

const OFFSET_BASIS = 0xcbf29ce484222325n
const PRIME = 0x100000001b3n
