/**
 * The message types this process has met. A message knows the name of its type but not its schema,
 * which is needed to encode it; so every schema that is mentioned anywhere is remembered here
 * together with its file and the files it imports. Nothing is ever forgotten.
 */
import {
  create as createMessage,
  type DescFile,
  type DescMessage,
  type Message,
  type MessageInitShape,
  type MessageShape,
} from '@bufbuild/protobuf'
import { messageCodec, type MessageCodec } from '../wire/message-codec.ts'
import type { ComponentDefinition } from './definition.ts'
import { dispatchError } from './errors.ts'
import type { Role } from './roles.ts'
import { isSchema, type SchemaOrName } from './schema-or-name.ts'

const schemas = new Map<string, DescMessage>()
const files = new WeakSet<DescFile>()

/** Remembers a schema with everything of its file and of the files it imports. */
export function rememberSchema(schema: DescMessage): void {
  rememberFile(schema.file)
}

/** Remembers every schema that a definition mentions. */
export function rememberSchemasOf(definition: ComponentDefinition): void {
  if ('state' in definition && isSchema(definition.state)) rememberSchema(definition.state)
  definition.entries.forEach(rememberSchemasOfRole)
}

/** Remembers every schema that a role mentions. */
export function rememberSchemasOfRole(role: Role): void {
  for (const type of typesOf(role)) if (typeof type !== 'string') rememberSchema(type)
}

/** The schema of a type by its full name, when this process has met it. */
export function knownSchema(typeName: string): DescMessage | undefined {
  return schemas.get(typeName)
}

/**
 * The codec of a message.
 *
 * @throws DispatchError `MESSAGE_SCHEMA_UNKNOWN`
 */
export function codecOf(message: Message): MessageCodec {
  return messageCodec(requireSchema(message.$typeName))
}

/**
 * The schema of a type by its full name.
 *
 * @throws DispatchError `MESSAGE_SCHEMA_UNKNOWN`
 */
export function requireSchema(typeName: string): DescMessage {
  const schema = schemas.get(typeName)
  if (schema !== undefined) return schema
  throw dispatchError(
    'MESSAGE_SCHEMA_UNKNOWN',
    { actual: typeName },
    {
      hint:
        'Nothing in this process mentions the schema of this message. Make it with the create of ' +
        'amends, or mention the schema in a handler, an applier or an upcaster.',
    },
  )
}

/**
 * Makes a message, as `create` of protobuf-es does, and remembers its schema, so that handlers may
 * return messages of types that no component mentions.
 */
export function create<S extends DescMessage>(
  schema: S,
  init?: MessageInitShape<S>,
): MessageShape<S> {
  rememberSchema(schema)
  return createMessage(schema, init)
}

function rememberFile(file: DescFile): void {
  if (files.has(file)) return
  files.add(file)
  file.messages.forEach(rememberMessage)
  file.dependencies.forEach(rememberFile)
}

function rememberMessage(schema: DescMessage): void {
  schemas.set(schema.typeName, schema)
  schema.nestedMessages.forEach(rememberMessage)
}

function typesOf(role: Role): readonly SchemaOrName[] {
  switch (role.role) {
    case 'handles':
    case 'handlesFact':
    case 'applies':
    case 'undoes':
      return [role.schema]
    case 'rejected':
      return [role.command]
    case 'upcasts':
      return [role.from, role.to]
    case 'stateFactory':
      return []
  }
}
