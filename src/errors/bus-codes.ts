const rows = {
  BUS_CLOSED: { message: 'the bus is closed', grpc: 'UNAVAILABLE', then: 'retry' },
  BUS_OVERLOADED: {
    message: 'too many messages wait on this topic: nothing was sent',
    grpc: 'RESOURCE_EXHAUSTED',
    then: 'retry',
  },
  MESSAGE_INVALID: {
    message: 'the message breaks a rule of the bus',
    grpc: 'INVALID_ARGUMENT',
    then: 'reject',
  },
  MESSAGE_TOO_LARGE: {
    message: 'the message is larger than the bus takes',
    grpc: 'INVALID_ARGUMENT',
    then: 'reject',
  },
  MESSAGE_UNROUTABLE: {
    message: 'nobody has ever consumed this topic: nothing was sent',
    grpc: 'UNAVAILABLE',
    then: 'retry',
  },
  SEND_OUTCOME_UNKNOWN: {
    message: 'whether the message was sent is not known',
    grpc: 'UNAVAILABLE',
    then: 'retry',
  },
  BUS_UNREACHABLE: {
    message: 'the broker cannot be reached: nothing was sent',
    grpc: 'UNAVAILABLE',
    then: 'retry',
  },
  BUS_TOPIC_REFUSED: {
    message: 'the broker refuses the queue of this topic',
    grpc: 'FAILED_PRECONDITION',
    then: 'halt',
  },
  BUS_DRIVER_MISSING: {
    message: 'the package amqplib is not installed',
    grpc: 'FAILED_PRECONDITION',
    then: 'halt',
  },
  REQUEST_MALFORMED: {
    message: 'the message is not a request: a header is missing or not valid',
    grpc: 'INVALID_ARGUMENT',
    then: 'reject',
  },
  REPLY_MALFORMED: {
    message: 'the message is not a reply: a header is missing or not valid',
    grpc: 'INVALID_ARGUMENT',
    then: 'reject',
  },
  REQUEST_CONTENT_INVALID: {
    message: 'the content of the request cannot be read',
    grpc: 'INVALID_ARGUMENT',
    then: 'reject',
  },
  REQUEST_HANDLER_MISSING: {
    message: 'this service has no handler for the request',
    grpc: 'UNIMPLEMENTED',
    then: 'reject',
  },
  REQUEST_HANDLER_DUPLICATE: {
    message: 'two handlers answer the same target',
    grpc: 'INVALID_ARGUMENT',
    then: 'halt',
  },
  REQUEST_HANDLER_FAILED: {
    message: 'the handler of the request threw an unexpected error',
    grpc: 'INTERNAL',
    then: 'retry',
  },
  REPLY_STORE_CONTESTED: {
    message: 'others keep changing what is known of this request',
    grpc: 'ABORTED',
    then: 'retry',
  },
  REQUEST_WRITE_CONFLICT: {
    message: 'what the handler wants stored expects something that does not hold any more',
    grpc: 'ABORTED',
    then: 'retry',
  },
  REQUEST_STORE_MISSING: {
    message: 'this participant has no ledger to store anything in',
    grpc: 'FAILED_PRECONDITION',
    then: 'reject',
  },
  REQUEST_CANCELLED: {
    message: 'the request has been undone: it is not carried out any more',
    grpc: 'ABORTED',
    then: 'reject',
  },
  REPLY_EXECUTION_UNKNOWN: {
    message: 'there is no execution that the reply could be for',
    grpc: 'NOT_FOUND',
    then: 'reject',
  },
  REPLY_STEP_UNKNOWN: {
    message: 'the execution has sent no request that the reply could be for',
    grpc: 'NOT_FOUND',
    then: 'reject',
  },
  HTTP_REFUSED: {
    message: 'the service refused the request',
    grpc: 'FAILED_PRECONDITION',
    then: 'reject',
  },
  HTTP_FAILED: {
    message: 'the service failed: whether the request took effect is not known',
    grpc: 'UNKNOWN',
    then: 'retry',
  },
  HTTP_UNREACHABLE: {
    message: 'the connection to the service failed: whether the request took effect is not known',
    grpc: 'UNAVAILABLE',
    then: 'retry',
  },
  HTTP_TIMED_OUT: {
    message: 'the service did not answer in time',
    grpc: 'DEADLINE_EXCEEDED',
    then: 'retry',
  },
  HTTP_REDIRECTED: {
    message: 'the service answered with a redirect, which is not followed',
    grpc: 'UNKNOWN',
    then: 'retry',
  },
  HTTP_REPLY_TOO_LARGE: {
    message: 'the reply of the service is larger than allowed',
    grpc: 'UNKNOWN',
    then: 'retry',
  },
  HTTP_REPLY_UNREADABLE: {
    message: 'the reply of the service is not what it says it is',
    grpc: 'UNKNOWN',
    then: 'retry',
  },
  HTTP_HEADERS_INVALID: {
    message: 'the headers of a request cannot be sent: nothing was sent',
    grpc: 'INVALID_ARGUMENT',
    then: 'halt',
  },
  REPLY_CONTENT_INVALID: {
    message: 'the content of the reply is refused by its schema',
    grpc: 'INTERNAL',
    then: 'reject',
  },
} as const

/** Codes of messages between services: buses, requests and replies. */
export const busErrors: typeof rows = rows
