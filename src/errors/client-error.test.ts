import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import { describe, it } from 'node:test'
import { CodedError, codedError } from '../errors.ts'
import {
  ClientError,
  CommandRejectedError,
  ConnectionError,
  dispositionOfError,
  GRPCError,
  grpcStatusOf,
  InvalidArgumentError,
  InvalidTimestampError,
  TransportError,
} from './client-error.ts'
import type { GrpcStatusName } from './error-row.ts'

const answer = (status: GrpcStatusName, details = 'said so'): GRPCError =>
  new GRPCError({ status, details })

/** not found, precondition failed, invalid argument, connection error */
const predicates = (error: ClientError): string =>
  [
    error.isNotFound() ? 'N' : '-',
    error.isPreconditionFailed() ? 'P' : '-',
    error.isInvalidArgument() ? 'I' : '-',
    error.isConnectionError() ? 'C' : '-',
  ].join('')

describe('ClientError', () => {
  it('answers false to every predicate and has no code of its own', () => {
    const error = new ClientError('something')
    assert.equal(predicates(error), '----')
    assert.equal(error.code, '')
    assert.equal(error.message, 'something')
    assert.ok(error instanceof CodedError)
  })

  it('is the base of the six others', () => {
    const others = [
      new CommandRejectedError('no'),
      new ConnectionError(),
      new TransportError(new Error('reset')),
      answer('INTERNAL'),
      new InvalidArgumentError('wrong'),
      new InvalidTimestampError(),
    ]
    for (const error of others) assert.ok(error instanceof ClientError)
  })

  it('keeps its cause', () => {
    const cause = new Error('below')
    assert.equal(new ClientError('above', cause).cause, cause)
  })
})

describe('CommandRejectedError', () => {
  it('is a failed precondition unless it says otherwise', () => {
    const error = new CommandRejectedError('not now')
    assert.equal(error.statusCode, 'FAILED_PRECONDITION')
    assert.equal(error.grpcStatus, 'FAILED_PRECONDITION')
    assert.equal(error.cover, undefined)
    assert.equal(predicates(error), '-P--')
  })

  it('made by preconditionFailed answers only that predicate [client-C-0131]', () => {
    const error = CommandRejectedError.preconditionFailed('SOLD_OUT', 'sold out', { sku: 7 })
    assert.equal(predicates(error), '-P--')
    assert.equal(error.code, 'SOLD_OUT')
    assert.equal(error.message, 'sold out')
    assert.deepEqual(error.details, { sku: '7' })
  })

  it('made by invalidArgument or notFound answers only theirs', () => {
    const invalid = CommandRejectedError.invalidArgument('BAD', 'bad')
    const missing = CommandRejectedError.notFound('GONE', 'gone')
    assert.equal(predicates(invalid), '--I-')
    assert.equal(predicates(missing), 'N---')
    assert.deepEqual([invalid.grpcStatus, missing.grpcStatus], ['INVALID_ARGUMENT', 'NOT_FOUND'])
  })

  it('is final whatever its code', () => {
    const error = CommandRejectedError.preconditionFailed('LEDGER_BUSY', 'a name of the table')
    assert.equal(dispositionOfError(error), 'reject')
  })
})

describe('ConnectionError', () => {
  it('says that the other side could not be reached [client-C-0341]', () => {
    const error = new ConnectionError()
    assert.equal(error.message, 'connection failed')
    assert.equal(error.code, 'CONNECTION_FAILED')
    assert.equal(predicates(error), '---C')
    assert.equal(grpcStatusOf(error), 'UNAVAILABLE')
  })

  it('takes another code and details', () => {
    const error = new ConnectionError('connection failed after max retries', {
      code: 'CONNECTION_FAILED_MAX_RETRIES',
      details: { endpoint: 'localhost:1310' },
    })
    assert.equal(error.code, 'CONNECTION_FAILED_MAX_RETRIES')
    assert.deepEqual(error.details, { endpoint: 'localhost:1310' })
  })
})

describe('TransportError', () => {
  it('says that the connection broke, and why [client-C-0342]', () => {
    const cause = new Error('reset by peer')
    const error = new TransportError(cause)
    assert.equal(error.message, 'transport error')
    assert.equal(error.code, 'TRANSPORT_ERROR')
    assert.equal(error.cause, cause)
    assert.equal(predicates(error), '---C')
  })
})

describe('GRPCError', () => {
  it('exposes status and text of the answer [client-C-0343]', () => {
    const error = answer('DATA_LOSS', 'page 3')
    assert.equal(error.message, 'grpc error')
    assert.equal(error.code, 'GRPC_ERROR')
    assert.equal(error.grpcCode, 'DATA_LOSS')
    assert.equal(error.grpcDetails, 'page 3')
  })

  it('of NOT_FOUND means that the target does not exist [client-C-0346]', () => {
    assert.equal(predicates(answer('NOT_FOUND')), 'N---')
  })

  it('of FAILED_PRECONDITION means that a sequence or a state is stale [client-C-0347]', () => {
    assert.equal(predicates(answer('FAILED_PRECONDITION')), '-P--')
  })

  it('of INVALID_ARGUMENT means that the request is wrong [client-C-0348]', () => {
    assert.equal(predicates(answer('INVALID_ARGUMENT')), '--I-')
  })

  it('of PERMISSION_DENIED keeps its status and answers no predicate [client-C-0349]', () => {
    assert.equal(answer('PERMISSION_DENIED').grpcCode, 'PERMISSION_DENIED')
    assert.equal(predicates(answer('PERMISSION_DENIED')), '----')
  })

  it('of INTERNAL keeps its status and answers no predicate [client-C-0350]', () => {
    assert.equal(answer('INTERNAL').grpcCode, 'INTERNAL')
    assert.equal(predicates(answer('INTERNAL')), '----')
  })

  it('of DEADLINE_EXCEEDED keeps its status and answers no predicate [client-C-0351]', () => {
    assert.equal(answer('DEADLINE_EXCEEDED').grpcCode, 'DEADLINE_EXCEEDED')
    assert.equal(predicates(answer('DEADLINE_EXCEEDED')), '----')
  })

  it('of UNAVAILABLE is a connection error, and of no other status [client-C-0360]', () => {
    assert.equal(predicates(answer('UNAVAILABLE')), '---C')
    for (const status of ['INTERNAL', 'UNKNOWN', 'ABORTED', 'CANCELLED', 'NOT_FOUND'] as const) {
      assert.equal(answer(status).isConnectionError(), false)
    }
  })

  it('made of an error that has no status says UNKNOWN', () => {
    const error = new GRPCError(new Error('stream ended'))
    assert.equal(error.grpcCode, 'UNKNOWN')
    assert.equal(error.grpcDetails, 'stream ended')
  })

  it('carries a hint when to try again in its details [client-C-0362]', () => {
    const failure = { status: 'RESOURCE_EXHAUSTED', details: 'too many' } as const
    const error = new GRPCError(failure, { details: { retry_after_ms: 250 } })
    assert.equal(error.details['retry_after_ms'], '250')
  })
})

describe('InvalidArgumentError', () => {
  it('answers the invalid-argument predicate', () => {
    const error = new InvalidArgumentError('sequence not set')
    assert.equal(error.code, 'INVALID_ARGUMENT')
    assert.equal(predicates(error), '--I-')
    assert.equal(grpcStatusOf(error), 'INVALID_ARGUMENT')
  })
})

describe('InvalidTimestampError', () => {
  it('answers no predicate, but is answered with INVALID_ARGUMENT [client-C-0345]', () => {
    const error = new InvalidTimestampError()
    assert.equal(error.message, 'invalid timestamp')
    assert.equal(error.code, 'INVALID_TIMESTAMP')
    assert.equal(predicates(error), '----')
    assert.equal(grpcStatusOf(error), 'INVALID_ARGUMENT')
  })
})

describe('all errors of the client', () => {
  const withoutStatus = [
    new ClientError('plain'),
    new CommandRejectedError('no'),
    new ConnectionError(),
    new TransportError(new Error('reset')),
    new InvalidArgumentError('wrong'),
    new InvalidTimestampError(),
  ]

  it('have a message [client-C-0352]', () => {
    for (const error of [...withoutStatus, answer('INTERNAL')]) assert.ok(error.message.length > 0)
  })

  it('that came over gRPC have a status code [client-C-0353]', () => {
    assert.equal(answer('ABORTED').grpcCode, 'ABORTED')
  })

  it('that did not come over gRPC have none [client-C-0354]', () => {
    for (const error of withoutStatus) assert.equal('grpcCode' in error, false)
  })

  it('that came over gRPC have the whole status [client-C-0355]', () => {
    const failure = { status: 'ABORTED', details: 'lost the race' } as const
    assert.equal(new GRPCError(failure).status(), failure)
  })

  it('that did not come over gRPC have no status [client-C-0356]', () => {
    for (const error of withoutStatus) assert.equal('status' in error, false)
  })

  it('answer the not-found predicate for that alone [client-C-0357]', () => {
    const yes = [answer('NOT_FOUND'), CommandRejectedError.notFound('A', 'a')]
    const no = [...withoutStatus, answer('FAILED_PRECONDITION')]
    assert.ok(yes.every((error) => error.isNotFound()))
    assert.ok(!no.some((error) => error.isNotFound()))
  })

  it('answer the precondition predicate for that alone [client-C-0358]', () => {
    const yes = [answer('FAILED_PRECONDITION'), new CommandRejectedError('a')]
    const no = [new ConnectionError(), new InvalidArgumentError('a'), answer('NOT_FOUND')]
    assert.ok(yes.every((error) => error.isPreconditionFailed()))
    assert.ok(!no.some((error) => error.isPreconditionFailed()))
  })

  it('answer the invalid-argument predicate for that alone [client-C-0359]', () => {
    const yes = [answer('INVALID_ARGUMENT'), new InvalidArgumentError('a')]
    const no = [new ConnectionError(), new CommandRejectedError('a'), answer('NOT_FOUND')]
    assert.ok(yes.every((error) => error.isInvalidArgument()))
    assert.ok(!no.some((error) => error.isInvalidArgument()))
  })

  it('show class and message to a debugger', () => {
    assert.match(inspect(new ConnectionError()), /ConnectionError: connection failed/)
  })
})

describe('grpcStatusOf', () => {
  it('is INTERNAL for what carries no code', () => {
    assert.equal(grpcStatusOf(new Error('plain')), 'INTERNAL')
    assert.equal(grpcStatusOf('text'), 'INTERNAL')
    assert.equal(grpcStatusOf(codedError('MAILBOX_FULL')), 'RESOURCE_EXHAUSTED')
  })
})

describe('dispositionOfError', () => {
  it('goes by the code of the table, else by the status', () => {
    assert.equal(dispositionOfError(codedError('LEASE_LOST')), 'halt')
    assert.equal(dispositionOfError(codedError('SEQUENCE_CONFLICT')), 'retry')
    assert.equal(dispositionOfError(new InvalidArgumentError('a', { code: 'MY_OWN' })), 'reject')
    assert.equal(dispositionOfError(answer('UNAVAILABLE')), 'retry')
    assert.equal(dispositionOfError(answer('NOT_FOUND')), 'reject')
    assert.equal(dispositionOfError(new Error('plain')), 'retry')
  })
})
