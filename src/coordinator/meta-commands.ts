/** Commands for the engine itself, addressed to the domain `_angzarr`. */
import { create } from '@bufbuild/protobuf'
import { unpackExact } from '../component/decode-payload.ts'
import { codedError } from '../errors.ts'
import {
  type CommandResponse,
  CommandResponseSchema,
} from '../proto/angzarr_client/proto/angzarr/command_handler_pb.ts'
import { DeleteEditionEventsSchema } from '../proto/angzarr_client/proto/angzarr/meta_pb.ts'
import {
  CascadeCommitSchema,
  CascadeRollbackSchema,
  type CommandRequest,
  CompensateSchema,
} from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { deleteEdition } from './delete-edition.ts'
import { markCompensation } from './mark-compensation.ts'
import type { DirectTransportOptions } from './direct-options.ts'

/**
 * Carries out `DeleteEditionEvents`, `CascadeCommit`, `CascadeRollback` or `Compensate`.
 *
 * @throws CodedError `NO_HANDLER_REGISTERED` for any other command; what the command is refused with
 */
export async function carryOutMeta(
  options: Pick<
    DirectTransportOptions,
    'ledger' | 'journal' | 'cascades' | 'commandPath' | 'targets'
  >,
  { command }: CommandRequest,
): Promise<CommandResponse> {
  const payload = command?.pages[0]?.payload
  const any = payload?.case === 'command' ? payload.value : undefined
  const deletion = unpackExact(DeleteEditionEventsSchema, any)
  const commit = unpackExact(CascadeCommitSchema, any)
  const rollback = unpackExact(CascadeRollbackSchema, any)
  const compensate = unpackExact(CompensateSchema, any)
  if (deletion !== undefined) {
    const { edition, domain } = deletion
    await deleteEdition(options, { edition, domain: domain === '' ? undefined : domain })
  } else if (commit !== undefined) {
    await options.cascades.commit(commit.cascadeId)
  } else if (rollback !== undefined) {
    await options.cascades.rollback(rollback.cascadeId, rollback.reason)
  } else if (compensate !== undefined) {
    await markCompensation(options, compensate)
  } else {
    const details = { domain: command?.cover?.domain, type_url: any?.typeUrl }
    throw codedError('NO_HANDLER_REGISTERED', { details })
  }
  return create(CommandResponseSchema)
}
