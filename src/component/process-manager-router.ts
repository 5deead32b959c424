/** Dispatch to process managers: an envelope around the pieces the coordinator calls directly. */
import { create } from '@bufbuild/protobuf'
import {
  type ProcessManagerHandleRequest,
  type ProcessManagerHandleResponse,
  ProcessManagerHandleResponseSchema,
} from '../proto/angzarr_client/proto/angzarr/process_manager_pb.ts'
import { BuiltRouter, type Definitions, type RouterOptions } from './built-router.ts'
import {
  mergeProcessOutputs,
  type ProcessDecider,
  processDecider,
  type ProcessOutput,
  type StateFor,
} from './decide-process.ts'
import { answerProcessRejection } from './decide-rejection.ts'
import { decodePayload } from './decode-payload.ts'
import type { ProcessManagerDefinition } from './definition.ts'
import { Destinations } from './destinations.ts'
import { type StateFolder, stateFolder } from './fold.ts'
import { type TriggerCodes, triggerOf } from './trigger.ts'

const codes: TriggerCodes = {
  missing: 'MISSING_PM_TRIGGER',
  empty: 'EMPTY_PM_TRIGGER',
  payload: 'MISSING_PM_EVENT_PAYLOAD',
  typeUrl: 'PM_INVALID_TYPE_URL',
}

type Hosted = {
  readonly definition: ProcessManagerDefinition
  readonly decider: ProcessDecider
  readonly folder: StateFolder
}

/** Dispatches to process managers (Angzarr client: `ProcessManagerRouter`). */
export class ProcessManagerRouter extends BuiltRouter<ProcessManagerDefinition> {
  readonly #hosted: readonly Hosted[]

  constructor(definitions: Definitions<ProcessManagerDefinition>, options: RouterOptions = {}) {
    super(definitions, options)
    this.#hosted = definitions.map((definition) => ({
      definition,
      decider: processDecider(definition),
      folder: stateFolder(definition),
    }))
  }

  /**
   * Runs every process manager that follows the trigger's domain and handles its last page, in the
   * order of registration; for a notification, every one that answers the rejection, whatever it
   * follows. A trigger that nobody handles gives an empty response.
   *
   * @throws DispatchError `MISSING_PM_TRIGGER`, `EMPTY_PM_TRIGGER`, `MISSING_PM_EVENT_PAYLOAD`,
   *   `PM_INVALID_TYPE_URL`, `ANY_DECODE_FAILED`, `PM_HANDLER_WRONG_RETURN_TYPE`; and what a handler
   *   throws
   */
  async dispatch(request: ProcessManagerHandleRequest): Promise<ProcessManagerHandleResponse> {
    const { typeName, event, domain, source, notification } = triggerOf(request.trigger, codes)
    const destinations = Destinations.fromProto(request.destinationSequences)
    const outputs: ProcessOutput[] = []
    for (const { definition, decider, folder } of this.#hosted) {
      const stateFor: StateFor = (self) => folder.rebuild(request.processState, self)
      if (notification !== undefined) {
        const output = await answerProcessRejection(definition, notification, stateFor)
        if (output !== undefined) outputs.push(output)
        continue
      }
      const handled = definition.sources.includes(domain) ? decider.handles(typeName) : undefined
      if (handled === undefined) continue
      const message = decodePayload(handled.schema, event.value)
      outputs.push(await decider.decide(typeName, message, stateFor, destinations, source))
    }
    const { processEvents, commands, facts, notification: upstream } = mergeProcessOutputs(outputs)
    return create(ProcessManagerHandleResponseSchema, {
      processEvents: [...processEvents],
      commands: [...commands],
      facts: [...facts],
      ...(upstream === undefined ? {} : { notification: upstream }),
    })
  }
}
