const rows = {
  GRPC_NOT_INSTALLED: {
    message: 'gRPC is not installed',
    grpc: 'FAILED_PRECONDITION',
    then: 'halt',
  },
  REQUEST_UNDECODABLE: {
    message: 'the request is not a message of its type',
    grpc: 'INVALID_ARGUMENT',
    then: 'reject',
  },
  REQUEST_TOO_LARGE: {
    message: 'the request is larger than the server takes',
    grpc: 'RESOURCE_EXHAUSTED',
    then: 'reject',
  },
  REQUEST_HEADER_INVALID: {
    message: 'a header of the request has no meaning',
    grpc: 'INVALID_ARGUMENT',
    then: 'reject',
  },
  CONTENT_TYPE_UNSUPPORTED: {
    message: 'the server does not take bodies of this kind',
    grpc: 'INVALID_ARGUMENT',
    then: 'reject',
  },
  PATH_UNKNOWN: {
    message: 'the server has nothing at this path',
    grpc: 'NOT_FOUND',
    then: 'reject',
  },
  PATH_METHOD_UNSUPPORTED: {
    message: 'the path is there, but not for this method',
    grpc: 'UNIMPLEMENTED',
    then: 'reject',
  },
  SERVER_FULL: {
    message: 'the server holds as much as it may',
    grpc: 'RESOURCE_EXHAUSTED',
    then: 'retry',
  },
  HOST_NOT_ALLOWED: {
    message: 'the server is not asked under this host name',
    grpc: 'PERMISSION_DENIED',
    then: 'reject',
  },
  FACTS_UNSUPPORTED: {
    message: 'no @handles_fact methods declared on registered command_handler',
    grpc: 'UNIMPLEMENTED',
    then: 'reject',
  },
  HANDLER_DOES_NOT_SUPPORT_REPLAY: {
    message: 'command_handler did not opt in via @command_handler(supports_replay=True)',
    grpc: 'UNIMPLEMENTED',
    then: 'reject',
  },
  NO_COMPONENTS_REGISTERED: {
    message: 'the host has no components registered',
    grpc: 'FAILED_PRECONDITION',
    then: 'halt',
  },
  SERVICE_UNKNOWN: {
    message: 'the server has no service of this name',
    grpc: 'NOT_FOUND',
    then: 'reject',
  },
  SESSION_ENDED: {
    message: 'the session with the component has ended',
    grpc: 'UNAVAILABLE',
    then: 'retry',
  },
  SESSION_OVERLOADED: {
    message: 'too many calls wait for the component',
    grpc: 'RESOURCE_EXHAUSTED',
    then: 'retry',
  },
  SESSION_PROTOCOL_BROKEN: {
    message: 'the other side breaks the rules of the session',
    grpc: 'INVALID_ARGUMENT',
    then: 'reject',
  },
  SERVICE_DUPLICATE: {
    message: 'two services of one name on one server',
    grpc: 'FAILED_PRECONDITION',
    then: 'halt',
  },
  INVALID_BIND_ADDRESS: {
    message: 'the address to listen on is not valid',
    grpc: 'INVALID_ARGUMENT',
    then: 'halt',
  },
  BIND_FAILED: {
    message: 'the server cannot listen on its address',
    grpc: 'UNAVAILABLE',
    then: 'halt',
  },
  UDS_DIRECTORY_CREATE_FAILED: {
    message: 'the folder of the socket cannot be made',
    grpc: 'UNAVAILABLE',
    then: 'halt',
  },
  UDS_BIND_FAILED: {
    message: 'the server cannot listen on its socket',
    grpc: 'UNAVAILABLE',
    then: 'halt',
  },
} as const

/** Codes of servers and sessions. */
export const hostErrors: typeof rows = rows
