/** Dispatch to upcasters: an envelope around the chain that the coordinator calls directly. */
import { create } from '@bufbuild/protobuf'
import { AnySchema } from '@bufbuild/protobuf/wkt'
import type { EventPage } from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import {
  type UpcastRequest,
  type UpcastResponse,
  UpcastResponseSchema,
} from '../proto/angzarr_client/proto/angzarr/upcaster_pb.ts'
import { inlineEvent } from '../wire/event.ts'
import { typeUrl } from '../wire/type-url.ts'
import { BuiltRouter, type Definitions, type RouterOptions } from './built-router.ts'
import type { UpcasterDefinition } from './definition.ts'
import { exactTypeName } from './exact-type.ts'
import { type UpcastChain, upcastChain } from './upcast.ts'

/** Dispatches to upcasters (Angzarr client: `UpcasterRouter`). */
export class UpcasterRouter extends BuiltRouter<UpcasterDefinition> {
  readonly #chain: UpcastChain

  constructor(definitions: Definitions<UpcasterDefinition>, options: RouterOptions = {}) {
    super(definitions, options)
    this.#chain = upcastChain(definitions)
  }

  /**
   * Brings every page into its newest form; number, order, headers and times stay. Pages without an
   * inline event and unknown types stay as they are.
   *
   * @throws DispatchError `ANY_DECODE_FAILED`, `UPCASTER_WRONG_RESPONSE_KIND`,
   *   `MESSAGE_SCHEMA_UNKNOWN`; and what an upcaster throws
   */
  async dispatch({ domain, events }: UpcastRequest): Promise<UpcastResponse> {
    const pages: EventPage[] = []
    for (const page of events) pages.push(await this.#renew(domain, page))
    return create(UpcastResponseSchema, { events: pages })
  }

  async #renew(domain: string, page: EventPage): Promise<EventPage> {
    const event = inlineEvent(page)
    const typeName = event === undefined ? undefined : exactTypeName(event.typeUrl)
    if (event === undefined || typeName === undefined) return page
    const stored = { typeName, bytes: event.value }
    const renewed = await this.#chain.upcast(domain, stored)
    if (renewed === stored) return page
    const value = create(AnySchema, { typeUrl: typeUrl(renewed.typeName), value: renewed.bytes })
    return { ...page, payload: { case: 'event', value } }
  }
}
