/** A failed reaction, as the caller of a waiting request is told of it. Pure. */
import { create } from '@bufbuild/protobuf'
import { statusNumber } from '../client/grpc/status-number.ts'
import { CodedError, codedError, messageOf } from '../errors.ts'
import { CommandRejectedError, grpcStatusOf } from '../errors/client-error.ts'
import {
  type CascadeReactionError,
  CascadeReactionErrorSchema,
} from '../proto/angzarr_client/proto/angzarr/command_handler_pb.ts'
import type { ReactionFailure } from './cascade-parts.ts'

/**
 * The error that ends the request: code, status and text of the reaction's own; the details say
 * which reaction it was, and that the command itself is stored.
 */
export function failedRequest(failure: ReactionFailure): CodedError {
  const { error, component, target, commandType } = failure
  const details = {
    ...(error instanceof CodedError ? error.details : {}),
    component,
    stored: 'true',
    ...(target === undefined ? {} : { target_domain: target.domain }),
    ...(commandType === '' ? {} : { command_type: commandType }),
  }
  const { message } = error
  if (error instanceof CommandRejectedError) {
    const { statusCode, code } = error
    return new CommandRejectedError(message, statusCode, { code, details, cause: error })
  }
  // What a component elsewhere throws without a code is what it is when one throws here.
  if (error instanceof CodedError && error.code !== 'GRPC_ERROR') {
    return new CodedError(message, { code: error.code, details, cause: error, hint: error.hint })
  }
  return codedError('HANDLER_FAILED', { details: { ...details, cause: message }, cause: error })
}

/** The line of the response when the request goes on in spite of it. */
export function reactionError(failure: ReactionFailure): CascadeReactionError {
  const { error, component, target, commandType } = failure
  return create(CascadeReactionErrorSchema, {
    component,
    ...(target === undefined ? {} : { target }),
    commandType,
    code: statusNumber(grpcStatusOf(error)),
    message: messageOf(error),
  })
}
