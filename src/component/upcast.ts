/**
 * The chain of upcasters: from an event as it was stored to the shape of today. Each upcaster of
 * the domain changes an event at most once and hands it to the next, in the order of registration.
 */
import { isMessage } from '@bufbuild/protobuf'
import { messageCodec } from '../wire/message-codec.ts'
import { decodePayload } from './decode-payload.ts'
import type { Entry, UpcasterDefinition } from './definition.ts'
import { dispatchError, typeNameOf } from './errors.ts'
import { type Awaitable, then } from '../awaitable.ts'
import { codecOf, requireSchema } from './known-messages.ts'
import { isSchema, meansType } from './schema-or-name.ts'

/** An encoded event: the full name of its type, and its bytes. */
export type EncodedEvent = { readonly typeName: string; readonly bytes: Uint8Array }

/** Renews the events of a set of upcasters. */
export interface UpcastChain {
  /** Whether any upcaster renews events of this domain; false means that nothing ever changes. */
  concerns(domain: string): boolean
  /** Whether the first step of the chain knows this type; false means that it stays as it is. */
  renews(domain: string, typeName: string): boolean
  /**
   * The event in its newest form; the same object when no upcaster changes it.
   *
   * @throws DispatchError `ANY_DECODE_FAILED` for malformed bytes of a known type,
   *   `UPCASTER_WRONG_RESPONSE_KIND` for an answer that is no message, `MESSAGE_SCHEMA_UNKNOWN`,
   *   and what an upcaster throws
   */
  upcast(domain: string, event: EncodedEvent): Awaitable<EncodedEvent>
}

/** The chain of upcasters, in the order they are given. */
export function upcastChain(definitions: readonly UpcasterDefinition[]): UpcastChain {
  const chains = new Map<string, UpcasterDefinition[]>()
  for (const definition of definitions) {
    const chain = chains.get(definition.domain)
    if (chain === undefined) chains.set(definition.domain, [definition])
    else chain.push(definition)
  }
  return {
    concerns: (domain) => chains.has(domain),
    renews: (domain, typeName) =>
      chains.get(domain)?.some((upcaster) => ruleFor(upcaster, typeName) !== undefined) ?? false,
    upcast: (domain, event) => {
      let renewed: Awaitable<EncodedEvent> = event
      for (const upcaster of chains.get(domain) ?? []) {
        renewed = then(renewed, (current) => renewOnce(upcaster, current))
      }
      return renewed
    },
  }
}

type Rule = Extract<Entry, { readonly role: 'upcasts' }>

function ruleFor({ entries }: UpcasterDefinition, typeName: string): Rule | undefined {
  return entries.find(
    (entry): entry is Rule => entry.role === 'upcasts' && meansType(entry.from, typeName),
  )
}

function renewOnce(definition: UpcasterDefinition, event: EncodedEvent): Awaitable<EncodedEvent> {
  const rule = ruleFor(definition, event.typeName)
  if (rule === undefined) return event
  const schema = isSchema(rule.from) ? rule.from : requireSchema(event.typeName)
  const old = decodePayload(schema, event.bytes)
  return then(rule.call(definition.create(), [old]), (answer) => encodedAnswer(rule, answer))
}

function encodedAnswer(rule: Rule, answer: unknown): EncodedEvent {
  if (!isMessage(answer)) {
    const extras = { expected_kind: 'message', actual: typeNameOf(answer), field: rule.name }
    throw dispatchError('UPCASTER_WRONG_RESPONSE_KIND', extras)
  }
  const codec =
    isSchema(rule.to) && rule.to.typeName === answer.$typeName
      ? messageCodec(rule.to)
      : codecOf(answer)
  return { typeName: answer.$typeName, bytes: codec.encode(answer) }
}
