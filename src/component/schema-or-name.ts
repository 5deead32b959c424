/** A message type, given by its schema or by its name. */
import type { DescMessage } from '@bufbuild/protobuf'

/** A schema, or the name of a message type: full, or its last part alone. */
export type SchemaOrName = DescMessage | string

/** True for the descriptor of a message type. */
export function isSchema(value: unknown): value is DescMessage {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'message'
}

/** The name that was given, or the full name of the schema. */
export function nameOf(type: SchemaOrName): string {
  return typeof type === 'string' ? type : type.typeName
}

/** Whether a full type name is meant: by exact full name, or by its last part. */
export function meansType(type: SchemaOrName, typeName: string): boolean {
  const name = nameOf(type)
  if (name === typeName) return true
  return typeof type === 'string' && !name.includes('.') && name === shortName(typeName)
}

function shortName(typeName: string): string {
  return typeName.slice(typeName.lastIndexOf('.') + 1)
}
