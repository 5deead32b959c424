/** Dispatch to sagas: an envelope around the pieces that the coordinator calls directly. */
import { create } from '@bufbuild/protobuf'
import {
  type SagaHandleRequest,
  type SagaResponse,
  SagaResponseSchema,
} from '../proto/angzarr_client/proto/angzarr/saga_pb.ts'
import { BuiltRouter, type Definitions, type RouterOptions } from './built-router.ts'
import { answerSagaRejection } from './decide-rejection.ts'
import { mergeSagaOutputs, type SagaDecider, sagaDecider, type SagaOutput } from './decide-saga.ts'
import { decodePayload } from './decode-payload.ts'
import type { SagaDefinition } from './definition.ts'
import { Destinations } from './destinations.ts'
import { type TriggerCodes, triggerOf } from './trigger.ts'

const codes: TriggerCodes = {
  missing: 'MISSING_SAGA_SOURCE',
  empty: 'EMPTY_SAGA_SOURCE',
  payload: 'MISSING_SAGA_EVENT_PAYLOAD',
  typeUrl: 'SAGA_INVALID_TYPE_URL',
}

type Hosted = { readonly definition: SagaDefinition; readonly decider: SagaDecider }

/** Dispatches to sagas (Angzarr client: `SagaRouter`). */
export class SagaRouter extends BuiltRouter<SagaDefinition> {
  readonly #hosted: readonly Hosted[]

  constructor(definitions: Definitions<SagaDefinition>, options: RouterOptions = {}) {
    super(definitions, options)
    this.#hosted = definitions.map((definition) => ({
      definition,
      decider: sagaDecider(definition),
    }))
  }

  /**
   * Runs every saga that follows the source and handles its last page, in the order of
   * registration; for a notification, every saga that answers the rejection, whatever it follows. A
   * trigger that nobody handles gives an empty response.
   *
   * @throws DispatchError `MISSING_SAGA_SOURCE`, `EMPTY_SAGA_SOURCE`, `MISSING_SAGA_EVENT_PAYLOAD`,
   *   `SAGA_INVALID_TYPE_URL`, `ANY_DECODE_FAILED`, `SAGA_HANDLER_UNSUPPORTED_RETURN_TYPE`; and what
   *   a handler throws
   */
  async dispatch(request: SagaHandleRequest): Promise<SagaResponse> {
    const { typeName, event, domain, source, notification } = triggerOf(request.source, codes)
    const destinations = Destinations.fromProto(request.destinationSequences)
    const outputs: SagaOutput[] = []
    for (const { definition, decider } of this.#hosted) {
      if (notification !== undefined) {
        const output = await answerSagaRejection(definition, notification)
        if (output !== undefined) outputs.push(output)
        continue
      }
      const handled = definition.source === domain ? decider.handles(typeName) : undefined
      if (handled === undefined) continue
      const message = decodePayload(handled.schema, event.value)
      outputs.push(await decider.decide(typeName, message, destinations, source))
    }
    const { commands, events } = mergeSagaOutputs(outputs)
    return create(SagaResponseSchema, { commands: [...commands], events: [...events] })
  }
}
